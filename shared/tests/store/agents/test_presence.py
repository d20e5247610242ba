"""One suite for who has a case open, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId, CaseId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.presence import MongoPresence, Presence, Present, presence_of
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.presence import InMemoryPresence

LEA, KARIM, HOLE, LAMP = AgentId("lea"), AgentId("karim"), CaseId("hole"), CaseId("lamp")


def at(case: CaseId, agent: AgentId, seconds: int = 60, process: str = "one") -> Present:
    until = ARRIVED + timedelta(seconds=seconds)
    return Present(_id=presence_of(case, agent), case_id=case, agent=agent, until=until, process=process)


class PresenceSuite:
    async def test_who_is_there_is_found_until_their_minute_is_over(self, presence: Presence):
        there, elsewhere, over = at(HOLE, LEA), at(LAMP, LEA), at(HOLE, KARIM, seconds=0)
        await presence.put([there, elsewhere, over])
        await presence.put([])
        assert await presence.at([HOLE], ARRIVED) == [there]
        assert await presence.at([HOLE], ARRIVED + timedelta(seconds=60)) == []
        later = at(HOLE, LEA, seconds=90)
        await presence.put([later])
        assert await presence.at([HOLE], ARRIVED + timedelta(seconds=60)) == [later]

    async def test_who_writes_writes_on_while_they_are_there(self, presence: Presence):
        typing, later = ARRIVED + timedelta(seconds=12), at(HOLE, LEA, seconds=90)
        await presence.types(later.presence_id, typing)
        assert await presence.at([HOLE], ARRIVED) == []
        await presence.put([at(HOLE, LEA)])
        await presence.types(later.presence_id, typing)
        await presence.put([later])
        assert await presence.at([HOLE], ARRIVED) == [later.model_copy(update={"typing_until": typing})]

    async def test_what_another_process_said_since_stays(self, presence: Presence):
        await presence.put([at(HOLE, LEA), at(HOLE, KARIM)])
        await presence.put([at(HOLE, KARIM, process="other")])
        for agent in (LEA, KARIM):
            await presence.gone(presence_of(HOLE, agent), "one")
        assert [each.agent for each in await presence.at([HOLE, LAMP], ARRIVED)] == [KARIM]


class TestInMemoryPresence(PresenceSuite):
    @pytest.fixture
    def presence(self) -> Presence:
        return InMemoryPresence()


@pytest.mark.real
class TestMongoPresence(PresenceSuite):
    @pytest.fixture
    async def presence(self, mongo_server, mongo_database) -> Presence:
        return MongoPresence(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
