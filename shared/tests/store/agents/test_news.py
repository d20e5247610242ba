"""What is addressed to agents: added once, seen, forgotten with its case; in memory and in MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId, CaseId, EventId
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.agent_mails import MongoAgentMails, mail_of
from guichet.store.agents.news import (
    COLLECTION,
    READ_AT_MOST,
    AgentNews,
    AgentNewsStore,
    MongoAgentNews,
    NewsKind,
    news_id,
)
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.news import InMemoryAgentNews

NOW = ARRIVED + timedelta(hours=1)
LEA, KARIM, HOLE, LAMP = AgentId("lea"), AgentId("karim"), CaseId("hole"), CaseId("lamp")


def told(agent: AgentId, case: CaseId, event: str, minutes: int = 0) -> AgentNews:
    named, at = news_id(agent, EventId(event), NewsKind.MENTION), ARRIVED + timedelta(minutes=minutes)
    return AgentNews(_id=named, agent=agent, case_id=case, kind=NewsKind.MENTION, by=KARIM, at=at)


class AgentNewsSuite:
    async def test_what_is_added_twice_is_there_once_and_stays_seen(self, news: AgentNewsStore):
        first, second = told(LEA, HOLE, "one"), told(LEA, LAMP, "two", 1)
        await news.add([first, told(KARIM, HOLE, "one")])
        await news.see(LEA, NOW)
        await news.add([first, second])
        await news.add([])
        assert await news.of(LEA, NOW) == [second, first.model_copy(update={"seen": True})]
        assert await news.unseen(LEA, NOW) == [second]

    async def test_what_is_seen_of_one_case_is_seen_of_no_other_and_by_nobody_else(self, news: AgentNewsStore):
        theirs = [told(LEA, HOLE, "one"), told(LEA, LAMP, "two"), told(KARIM, HOLE, "one")]
        await news.add(theirs)
        await news.see(LEA, NOW, HOLE)
        assert [each.case_id for each in await news.unseen(LEA, NOW)] == [LAMP]
        assert await news.unseen(KARIM, NOW) == [theirs[2]]

    async def test_what_lies_ahead_is_neither_told_nor_seen(self, news: AgentNewsStore):
        await news.add([told(LEA, HOLE, "one"), told(LEA, HOLE, "ahead", 61)])
        assert len(await news.of(LEA, NOW)) == len(await news.unseen(LEA, NOW)) == 1
        await news.see(LEA, NOW)
        await news.see(LEA, NOW, HOLE)
        assert [each.at for each in await news.unseen(LEA, NOW + timedelta(days=1))] == [
            ARRIVED + timedelta(minutes=61)
        ]

    async def test_the_newest_come_first_and_the_next_ones_after_them(self, news: AgentNewsStore):
        await news.add([told(LEA, HOLE, f"event-{nth}", -nth) for nth in range(READ_AT_MOST + 1, -1, -1)])
        for read in (news.of, news.unseen):
            first, next_ones = await read(LEA, NOW), await read(LEA, NOW, READ_AT_MOST)
            assert (first[0].at, len(first)) == (ARRIVED, READ_AT_MOST)
            assert [ARRIVED - each.at for each in next_ones] == [
                timedelta(minutes=READ_AT_MOST),
                timedelta(minutes=READ_AT_MOST + 1),
            ]

    async def test_a_destroyed_case_is_told_of_no_more(self, news: AgentNewsStore):
        await news.add([told(LEA, HOLE, "one"), told(LEA, LAMP, "two")])
        await news.forget([HOLE])
        assert [each.case_id for each in await news.of(LEA, NOW)] == [LAMP]


class TestInMemoryAgentNews(AgentNewsSuite):
    @pytest.fixture
    def news(self) -> AgentNewsStore:
        return InMemoryAgentNews()


@pytest.mark.real
class TestMongoAgentNews(AgentNewsSuite):
    async def test_what_a_newer_router_tells_is_left_to_a_newer_reader(self, database):
        news, mails = MongoAgentNews(database), MongoAgentMails(database)
        known, unknown = (told(LEA, HOLE, each).model_copy(update={"to_mail": True}) for each in ("one", "two"))
        await database[COLLECTION].insert_one(unknown.model_dump(by_alias=True) | {"kind": "a-kind-of-next-year"})
        await news.add([known])
        mail = mail_of([known, unknown], NOW)
        for read in (
            await news.of(LEA, NOW),
            await news.unseen(LEA, NOW),
            await mails.to_tell({LEA: (ARRIVED, NOW)}, NOW, NOW),
            await mails.told_by(mail),
        ):
            assert read == [known]
        await news.see(LEA, NOW)
        await mails.mark_told(mail)
        left = await database[COLLECTION].find_one({"_id": unknown.news_id})
        assert not left["seen"], "whoever was not shown it has not seen it"

    @pytest.fixture
    async def database(self, mongo_server, mongo_database) -> Database:
        return connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))

    @pytest.fixture
    async def news(self, database) -> AgentNewsStore:
        return MongoAgentNews(database)
