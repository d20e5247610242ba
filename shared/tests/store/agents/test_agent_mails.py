"""Mails to agents: made once, begun once, and each piece of news told by one; in memory and in MongoDB."""

from datetime import datetime, timedelta

import pytest

from guichet.ids import AgentId, CaseId, EventId
from guichet.mongo.client import connect
from guichet.mongo.lease import TakenError
from guichet.mongo.prepare import make_views
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts
from guichet.store.agents.agent_mails import VIEWS, AgentMails, MailState, MongoAgentMails, mail_of
from guichet.store.agents.news import AgentNews, AgentNewsStore, MongoAgentNews, NewsKind, news_id
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from guichet_testing.twins.store.agents.agent_mails import InMemoryAgentMails
from guichet_testing.twins.store.agents.news import InMemoryAgentNews

LEA, KARIM, PAUL, HOLE = AgentId("lea"), AgentId("karim"), AgentId("paul"), CaseId("hole")
NOW = ARRIVED + timedelta(hours=1)
SINCE = (ARRIVED, NOW)
Stores = tuple[AgentMails, AgentNewsStore]


def told(
    event: str, minutes: int = 0, agent: AgentId = LEA, *, kind: NewsKind = NewsKind.GIVEN, to_mail: bool = True
) -> AgentNews:
    named, at = news_id(agent, EventId(event), kind), ARRIVED + timedelta(minutes=minutes)
    return AgentNews(_id=named, agent=agent, case_id=HOLE, kind=kind, by=None, at=at, to_mail=to_mail)


class AgentMailsSuite:
    async def test_only_what_a_mail_may_tell_and_nobody_has_seen_is_to_be_told(self, stores: Stores):
        mails, news = stores
        wanted = [told("one"), told("two", 60)]
        late, early, seen = told("late", 61), told("early", -1), told("seen", agent=KARIM)
        await news.add([*wanted, late, early, seen, told("taken", to_mail=False), told("other", agent=PAUL)])
        await news.see(KARIM, NOW)
        assert await mails.to_tell({LEA: SINCE, KARIM: SINCE}, ARRIVED, ARRIVED) == wanted
        assert await mails.to_tell({}, ARRIVED, ARRIVED) == []

    async def test_what_cannot_wait_is_to_be_told_though_the_rest_waits(self, stores: Stores):
        mails, news = stores
        now, later = (told(each, at, kind=NewsKind.URGENT) for each, at in (("now", 61), ("later", 63)))
        await news.add([told("one"), told("waits", 61), now, later])
        soon = await mails.to_tell({LEA: SINCE}, ARRIVED + timedelta(minutes=62), ARRIVED)
        assert [each.news_id for each in soon] == [told("one").news_id, now.news_id]

    async def test_what_is_told_once_a_day_waits_for_its_time_and_goes_into_one_mail(self, stores: Stores):
        mails, news = stores
        first, second, later = (told(each, at, kind=NewsKind.DUE) for each, at in (("1", 1), ("2", 2), ("3", 30)))
        await news.add([told("one"), first, second, later, told("other", 1, PAUL, kind=NewsKind.DUE)])
        until = ARRIVED + timedelta(minutes=10)
        wanted = await mails.to_tell({LEA: SINCE}, ARRIVED, until)
        assert {each.news_id for each in wanted} == {told("one").news_id, first.news_id, second.news_id}
        await mails.make(mail_of([told("one"), first], NOW, until))  # as many as one mail counts
        assert await mails.to_tell({LEA: SINCE}, ARRIVED, until) == []
        assert [each.news_id for each in await mails.to_tell({LEA: SINCE}, ARRIVED, NOW)] == [later.news_id]
        assert [each.agent for each in await mails.to_tell({PAUL: SINCE}, ARRIVED, until)] == [PAUL]

    async def test_a_mail_of_what_is_not_told_once_a_day_leaves_the_days_alone(self, stores: Stores):
        mails, news = stores
        due = told("1", 1, kind=NewsKind.DUE)
        await news.add([told("one"), due])
        await mails.make(mail_of([told("one")], NOW, NOW))
        assert [each.news_id for each in await mails.to_tell({LEA: SINCE}, NOW, NOW)] == [due.news_id]

    async def test_a_mail_that_is_made_again_is_as_it_was_made_first(self, stores: Stores):
        mails, news = stores
        one, two = told("one"), told("two", 1)
        await news.add([one, two])
        first = mail_of([one], NOW)
        await mails.make(first)
        await mails.make(mail_of([two, one], NOW))
        assert await mails.waiting(NOW, 10) == [first]
        assert [each.news_id for each in await mails.to_tell({LEA: SINCE}, ARRIVED, ARRIVED)] == [two.news_id]
        assert [each.news_id for each in await mails.told_by(first)] == [one.news_id]
        await news.see(LEA, NOW)
        assert await mails.told_by(first) == []

    async def test_it_begins_once_unless_it_was_put_off(self, stores: Stores):
        mails, _ = stores
        mail = mail_of([told("one")], NOW)
        await mails.make(mail)
        assert [await mails.begin(mail, NOW) for _ in range(2)] == [True, False]
        [begun] = await mails.waiting(NOW, 10)
        assert (begun.begun_at, begun.attempts) == (NOW, 1)
        later = NOW + timedelta(minutes=1)
        await mails.put_off(mail, later, "trouble")
        assert await mails.waiting(NOW, 10) == []
        assert [each.reason for each in await mails.waiting(later, 10)] == ["trouble"]
        assert await mails.begin(mail, later)
        await mails.conclude(mail, MailState.UNKNOWN, "no-answer")
        await mails.conclude(mail, MailState.SENT)  # whoever sent it was slow, and lived
        await mails.conclude(mail, MailState.FAILED)
        await mails.put_off(mail, later, "trouble")
        assert await mails.waiting(later, 10) == []
        assert not await mails.begin(mail, later)

    async def test_who_has_one_of_late_or_one_that_waits_gets_no_further_one(self, stores: Stores):
        mails, _ = stores
        old = NOW - timedelta(days=1)
        waiting, sent = mail_of([told("one")], old), mail_of([told("two", agent=KARIM)], old)
        for mail in (waiting, sent, mail_of([told("three", agent=PAUL)], NOW)):
            await mails.make(mail)
        await mails.conclude(sent, MailState.SENT)
        assert await mails.held_back([LEA, KARIM, PAUL], NOW - timedelta(minutes=15)) == {LEA, PAUL}

    async def test_one_writes_at_a_time(self, stores: Stores):
        mails, _ = stores
        async with mails.writing() as lease:
            await lease.keep()
            with pytest.raises(TakenError):
                async with mails.writing():
                    pass
        assert await mails.waiting(NOW, 10) == []

    async def test_it_knows_whose_account_was_taken_away(self, stores: Stores):
        mails, _ = stores
        assert [await mails.is_disabled(each) for each in (LEA, KARIM, PAUL)] == [True, False, False]


def accounts(disabled_at: datetime = NOW) -> list[AgentAccount]:
    return [
        AgentAccount(_id=LEA, password_hash="-", created_at=ARRIVED, disabled_at=disabled_at),
        AgentAccount(_id=KARIM, password_hash="-", created_at=ARRIVED),
    ]


class TestInMemoryAgentMails(AgentMailsSuite):
    @pytest.fixture
    def stores(self) -> Stores:
        news = InMemoryAgentNews()
        return InMemoryAgentMails(news, InMemoryAgentAccounts(*accounts())), news


@pytest.mark.real
class TestMongoAgentMails(AgentMailsSuite):
    @pytest.fixture
    async def stores(self, mongo_server, mongo_database) -> Stores:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await make_views(database, VIEWS)
        await MongoAgentAccounts(database).insert_missing(accounts())
        return MongoAgentMails(database), MongoAgentNews(database)
