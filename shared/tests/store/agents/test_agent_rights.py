"""One suite for agents' rights and their twin; what a change of the town's files comes to."""

from datetime import timedelta

import pytest

from guichet.clock import SystemClock
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.rights import BEGINNING, AgentRights, MongoAgentRights, changes, record_rights
from guichet.store.setup.schema import prepare
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights

DAY = timedelta(days=1)


def spans(rights):
    return [(right.agent, right.departments, right.since, right.until) for right in rights]


class AgentRightsSuite:
    async def test_what_is_there_first_held_from_the_beginning(self, rights: AgentRights):
        await record_rights(rights, {"lea": ["voirie"]}, ARRIVED)
        assert spans(await rights.all()) == [("lea", ("voirie",), BEGINNING, None)]

    async def test_a_change_ends_one_entry_and_begins_another(self, rights: AgentRights):
        await record_rights(rights, {"lea": ["voirie"], "max": ["ccas"]}, ARRIVED)
        changed = await record_rights(rights, {"lea": ["ccas", "accueil"], "max": ["ccas"]}, ARRIVED + DAY)
        assert (len(changed.ended), len(changed.begun)) == (1, 1)
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("accueil", "ccas"), ARRIVED + DAY, None),
            ("max", ("ccas",), BEGINNING, None),
        ]

    async def test_nothing_changed_is_nothing_written(self, rights: AgentRights):
        await record_rights(rights, {"lea": ["voirie", "ccas"]}, ARRIVED)
        before = await rights.all()
        await record_rights(rights, {"lea": ["ccas", "voirie"]}, ARRIVED + DAY)
        assert await rights.all() == before

    async def test_who_leaves_and_comes_back_has_a_gap(self, rights: AgentRights):
        for day, wanted in enumerate(({"lea": ["voirie"]}, {}, {"lea": ["voirie"]})):
            await record_rights(rights, wanted, ARRIVED + day * DAY)
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("voirie",), ARRIVED + 2 * DAY, None),
        ]

    async def test_of_two_deployments_at_once_one_decides(self, rights: AgentRights):
        await record_rights(rights, {"lea": ["voirie"]}, ARRIVED)
        known = await rights.all()
        for nth in (1, 2):
            await rights.change(changes(known, {"lea": ["ccas"]}, ARRIVED + nth * DAY))
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("ccas",), ARRIVED + DAY, None),
        ]

    async def test_they_are_found_by_agent(self, rights: AgentRights):
        await record_rights(rights, {"lea": ["voirie"], "max": ["ccas"]}, ARRIVED)
        found = await rights.of(["lea", "nobody"])
        assert {agent: spans(each) for agent, each in found.items()} == {"lea": [("lea", ("voirie",), BEGINNING, None)]}


class TestInMemoryAgentRights(AgentRightsSuite):
    @pytest.fixture
    def rights(self) -> AgentRights:
        return InMemoryAgentRights()


@pytest.mark.real
class TestMongoAgentRights(AgentRightsSuite):
    @pytest.fixture
    async def rights(self, mongo_server, mongo_database) -> AgentRights:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await prepare(database, clock=SystemClock().now)
        return MongoAgentRights(database)
