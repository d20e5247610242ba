"""One suite for agents' rights and their twin; what a change of the town's files comes to."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from guichet.clock import SystemClock
from guichet.ids import DepartmentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.rights import BEGINNING, AgentRights, MongoAgentRights, changes, record_rights
from guichet.store.setup.schema import prepare
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights

DAY = timedelta(days=1)


class May(NamedTuple):
    """What the town's files say of an agent."""

    departments: tuple[DepartmentId, ...]
    suspended_mail: bool = False


def may(*departments: str, suspended_mail: bool = False) -> May:
    return May(tuple(map(DepartmentId, departments)), suspended_mail)


def spans(rights):
    return [(right.agent, right.departments, right.since, right.until) for right in rights]


class AgentRightsSuite:
    async def test_what_is_there_first_held_from_the_beginning(self, rights: AgentRights):
        await record_rights(rights, {"lea": may("voirie")}, ARRIVED)
        assert spans(await rights.all()) == [("lea", ("voirie",), BEGINNING, None)]

    async def test_a_change_ends_one_entry_and_begins_another(self, rights: AgentRights):
        await record_rights(rights, {"lea": may("voirie"), "max": may("ccas")}, ARRIVED)
        changed = await record_rights(rights, {"lea": may("ccas", "accueil"), "max": may("ccas")}, ARRIVED + DAY)
        assert (len(changed.ended), len(changed.begun)) == (1, 1)
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("accueil", "ccas"), ARRIVED + DAY, None),
            ("max", ("ccas",), BEGINNING, None),
        ]

    async def test_suspended_mail_is_a_right_with_dates_of_its_own(self, rights: AgentRights):
        for day, held in enumerate((False, True, True, False)):
            await record_rights(rights, {"lea": may("voirie", suspended_mail=held)}, ARRIVED + day * DAY)
        assert [(each.suspended_mail, each.since, each.until) for each in await rights.all()] == [
            (False, BEGINNING, ARRIVED + DAY),
            (True, ARRIVED + DAY, ARRIVED + 3 * DAY),
            (False, ARRIVED + 3 * DAY, None),
        ]

    async def test_nothing_changed_is_nothing_written(self, rights: AgentRights):
        await record_rights(rights, {"lea": may("voirie", "ccas")}, ARRIVED)
        before = await rights.all()
        await record_rights(rights, {"lea": may("ccas", "voirie")}, ARRIVED + DAY)
        assert await rights.all() == before

    async def test_who_leaves_and_comes_back_has_a_gap(self, rights: AgentRights):
        for day, wanted in enumerate(({"lea": may("voirie")}, {}, {"lea": may("voirie")})):
            await record_rights(rights, wanted, ARRIVED + day * DAY)
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("voirie",), ARRIVED + 2 * DAY, None),
        ]

    async def test_of_two_deployments_at_once_one_decides(self, rights: AgentRights):
        await record_rights(rights, {"lea": may("voirie")}, ARRIVED)
        known = await rights.all()
        for nth in (1, 2):
            await rights.change(changes(known, {"lea": may("ccas")}, ARRIVED + nth * DAY))
        assert spans(await rights.all()) == [
            ("lea", ("voirie",), BEGINNING, ARRIVED + DAY),
            ("lea", ("ccas",), ARRIVED + DAY, None),
        ]

    async def test_they_are_found_by_agent(self, rights: AgentRights):
        await record_rights(rights, {"lea": may("voirie"), "max": may("ccas")}, ARRIVED)
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
