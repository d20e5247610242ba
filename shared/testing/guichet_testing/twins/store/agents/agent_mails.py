"""Mails to agents, in memory."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guichet.ids import AgentId, MessageId
from guichet.mongo.lease import Held, TakenError
from guichet.store.agents.agent_mails import AgentMail, AgentMails, MailState
from guichet.store.agents.news import DAILY, DAILY_AT_MOST, SOON, AgentNews
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from guichet_testing.twins.store.agents.news import InMemoryAgentNews


class _Kept(Held):
    async def keep(self) -> None:
        pass


@dataclass
class InMemoryAgentMails(AgentMails):
    """Twin of MongoAgentMails. taken: another notifier writes."""

    news: InMemoryAgentNews
    accounts: InMemoryAgentAccounts = field(default_factory=InMemoryAgentAccounts)
    mails: dict[MessageId, AgentMail] = field(default_factory=dict)
    taken: bool = False

    def writing(self) -> AbstractAsyncContextManager[Held]:
        return self._writing()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Held]:
        if self.taken:
            raise TakenError("another notifier writes to agents")
        self.taken = True
        try:
            yield _Kept()
        finally:
            self.taken = False

    async def to_tell(
        self, agents: Mapping[AgentId, tuple[datetime, datetime]], soon: datetime, daily: datetime
    ) -> list[AgentNews]:
        def until(news: AgentNews) -> datetime:
            last = agents[news.agent][1]
            return daily if news.kind in DAILY else max(last, soon) if news.kind in SOON else last

        untold = [each for each in self.news.news.values() if each.to_mail and not each.seen and each.agent in agents]
        within = [each for each in untold if agents[each.agent][0] <= each.at <= until(each)]
        ordered = sorted(within, key=lambda each: each.at)
        counted = {each.news_id for agent in agents for each in self._daily_of(agent, ordered)[:DAILY_AT_MOST]}
        return [each for each in ordered if each.kind not in DAILY or each.news_id in counted]

    def _daily_of(self, agent: AgentId, news: Sequence[AgentNews]) -> list[AgentNews]:
        return [each for each in news if each.agent == agent and each.kind in DAILY]

    async def held_back(self, agents: Collection[AgentId], since: datetime) -> frozenset[AgentId]:
        news = (each for each in self.mails.values() if each.trial is None)
        late = (each for each in news if each.state is MailState.WAITING or each.made_at > since)
        return frozenset(each.agent for each in late if each.agent in agents)

    async def make(self, mail: AgentMail) -> None:
        await self.mark_told(self.mails.setdefault(mail.mail_id, mail))

    async def mark_told(self, mail: AgentMail) -> None:
        for told in mail.news:
            if told in self.news.news:
                self.news.news[told] = self.news.news[told].model_copy(update={"to_mail": False})
        for key, each in self.news.news.items():
            is_daily = each.kind in DAILY and each.agent == mail.agent and not each.seen
            if is_daily and mail.daily_until is not None and each.at <= mail.daily_until:
                self.news.news[key] = each.model_copy(update={"to_mail": False})

    async def waiting(self, now: datetime, most: int) -> list[AgentMail]:
        due = [each for each in self.mails.values() if each.state is MailState.WAITING and each.due_at <= now]
        return sorted(due, key=lambda each: each.due_at)[:most]

    async def told_by(self, mail: AgentMail) -> list[AgentNews]:
        there = [self.news.news[each] for each in mail.news if each in self.news.news]
        return sorted((each for each in there if not each.seen), key=lambda each: each.at)

    async def begin(self, mail: AgentMail, now: datetime) -> bool:
        known = self.mails[mail.mail_id]
        if known.state is not MailState.WAITING or known.begun_at is not None:
            return False
        self._change(mail, begun_at=now, attempts=known.attempts + 1)
        return True

    async def put_off(self, mail: AgentMail, due_at: datetime, reason: str) -> None:
        if self.mails[mail.mail_id].state is MailState.WAITING:
            self._change(mail, due_at=due_at, begun_at=None, reason=reason)

    async def conclude(self, mail: AgentMail, state: MailState, reason: str | None = None) -> None:
        if self.mails[mail.mail_id].state in (MailState.WAITING, MailState.UNKNOWN):
            self._change(mail, state=state, reason=reason)

    async def is_disabled(self, agent: AgentId) -> bool:
        account = await self.accounts.find(agent)
        return account is not None and account.disabled_at is not None

    def _change(self, mail: AgentMail, **wanted: Any) -> None:
        self.mails[mail.mail_id] = self.mails[mail.mail_id].model_copy(update=wanted)
