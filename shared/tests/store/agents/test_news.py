"""What is addressed to agents: added once, seen, forgotten with its case; in memory and in MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId, CaseId, EventId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.news import AgentNews, AgentNewsStore, MongoAgentNews, NewsKind, news_id
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.news import InMemoryAgentNews

LEA, KARIM, HOLE, LAMP = AgentId("lea"), AgentId("karim"), CaseId("hole"), CaseId("lamp")


def told(agent: AgentId, case: CaseId, event: str, minutes: int = 0) -> AgentNews:
    named, at = news_id(agent, EventId(event), NewsKind.MENTION), ARRIVED + timedelta(minutes=minutes)
    return AgentNews(_id=named, agent=agent, case_id=case, kind=NewsKind.MENTION, by=KARIM, at=at)


class AgentNewsSuite:
    async def test_what_is_added_twice_is_there_once_and_stays_seen(self, news: AgentNewsStore):
        first, second = told(LEA, HOLE, "one"), told(LEA, LAMP, "two", 1)
        await news.add([first, told(KARIM, HOLE, "one")])
        await news.see(LEA)
        await news.add([first, second])
        await news.add([])
        assert await news.of(LEA) == [second, first.model_copy(update={"seen": True})]
        assert await news.unseen(LEA) == [second]

    async def test_what_is_seen_of_one_case_is_seen_of_no_other_and_by_nobody_else(self, news: AgentNewsStore):
        theirs = [told(LEA, HOLE, "one"), told(LEA, LAMP, "two"), told(KARIM, HOLE, "one")]
        await news.add(theirs)
        await news.see(LEA, HOLE)
        assert [each.case_id for each in await news.unseen(LEA)] == [LAMP]
        assert await news.unseen(KARIM) == [theirs[2]]

    async def test_a_destroyed_case_is_told_of_no_more(self, news: AgentNewsStore):
        await news.add([told(LEA, HOLE, "one"), told(LEA, LAMP, "two")])
        await news.forget([HOLE])
        assert [each.case_id for each in await news.of(LEA)] == [LAMP]


class TestInMemoryAgentNews(AgentNewsSuite):
    @pytest.fixture
    def news(self) -> AgentNewsStore:
        return InMemoryAgentNews()


@pytest.mark.real
class TestMongoAgentNews(AgentNewsSuite):
    @pytest.fixture
    async def news(self, mongo_server, mongo_database) -> AgentNewsStore:
        return MongoAgentNews(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
