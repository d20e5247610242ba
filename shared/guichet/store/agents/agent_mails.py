"""Mails to agents that something is addressed to them: one for all that came, and none that might be a second copy.

    {_id: the mail, agent, news, state, …}   beside them the lease of the notifier that writes (guichet.mongo.lease)

A mail is named by the oldest news that it tells of: whoever makes it again makes the same one. What has begun to leave
begins no more, whatever became of it: the desk tells of it too (docs/decisions/0085).
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.contracts.inbound import ChannelName
from guichet.ids import AgentId, MessageId, ProcedureId, derive_id
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.mongo.lease import Held, LeaseWords, leased
from guichet.mongo.views import View
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days
from guichet.store.agents import accounts, news
from guichet.store.agents.news import DAILY_AT_MOST, READ_AT_MOST, AgentNews, NewsKind

COLLECTION: Final = "agent_mails"
KEPT: Final = news.KEPT  # as long as what it tells of: until then its name must not be free again
ENDS: Final = Ends(COLLECTION, "made_at", kept=KEPT)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("agent", ASCENDING), ("made_at", ASCENDING)], name="by_agent"),
        IndexModel([("due_at", ASCENDING)], name="waiting", partialFilterExpression={"state": "waiting"}),
    ]
}
DISABLED: Final = View("agents_disabled", accounts.COLLECTION, ("disabled_at",))
VIEWS: tuple[View, ...] = (DISABLED,)
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="send an agent who wants it a mail that something is addressed to them, once",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the mail was made", "le courriel a été préparé"),
                period=days(KEPT.days),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(PersonalField("agent", Form.PSEUDONYM, "the id of the agent to whom it goes; no address"),),
    ),
)
_USUAL: Final = tuple(kind for kind in NewsKind if kind not in news.DAILY)
_WORDS: Final = LeaseWords(
    taken="another notifier writes to agents ({lasts} s at most after its last sign of life)",
    lost="another notifier took over writing to agents",
)


class MailState(StrEnum):
    """How far a mail to an agent got. waiting: also while it leaves."""

    WAITING = "waiting"
    SENT = "sent"
    WITHHELD = "withheld"  # when it was to leave, nothing was to be told any more, or not to this agent
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have left, and is not sent again


class WordsTrial(Contract):
    """A letter of the town's words, with invented values, that an administrator has sent to their own mailbox.

    kind: of guichet.channel.word_previews. channel: for which it is written; procedure: of what, of none.
    """

    kind: str
    channel: ChannelName
    procedure: ProcedureId | None = None


class AgentMail(Contract):
    """One mail. news: what it tells of; trial: of none, it is what they wanted to see.

    begun_at: it may have left from then on. due_at: not to be tried before.

    daily_until: it is the day's one of what is told once a day (`news.DAILY`), up to then, and names as much of it as
    one mail counts; None: it tells of no such thing.
    reason: kebab-case code of what is withheld, failed or unknown; of one that waits: why.
    """

    mail_id: MessageId = Field(alias="_id")
    agent: AgentId
    news: tuple[str, ...] = ()
    trial: WordsTrial | None = None
    daily_until: AwareDatetime | None = None
    state: MailState = MailState.WAITING
    reason: str | None = None
    made_at: AwareDatetime
    due_at: AwareDatetime
    begun_at: AwareDatetime | None = None
    attempts: int = 0


def mail_of(told: Sequence[AgentNews], now: datetime, daily_until: datetime | None = None) -> AgentMail:
    """Return the mail that tells an agent of these, at least one of them. daily_until: as `to_tell` was asked."""
    oldest = min(told, key=lambda each: (each.at, each.news_id))
    mail_id = MessageId(derive_id("agent-mail", oldest.news_id))
    ids = tuple(each.news_id for each in told)
    until = daily_until if any(each.kind in news.DAILY for each in told) else None
    return AgentMail(_id=mail_id, agent=oldest.agent, news=ids, daily_until=until, made_at=now, due_at=now)


def trial_of(agent: AgentId, trial: WordsTrial, now: datetime) -> AgentMail:
    """Return the mail of a trial; asked for twice within a minute, it is the same one."""
    minute = now.replace(second=0, microsecond=0)
    about = f"{trial.kind} {trial.channel} {trial.procedure or ''}"
    mail_id = MessageId(derive_id("words-trial", f"{agent} {about} {minute.isoformat()}"))
    return AgentMail(_id=mail_id, agent=agent, trial=trial, made_at=now, due_at=now)


class AgentMails(Protocol):
    """The mails. Every method raises TransientError."""

    def writing(self) -> AbstractAsyncContextManager[Held]:
        """Be the one that writes to agents. Raises TakenError (guichet.mongo.lease) where another notifier is."""

    async def to_tell(
        self, agents: Mapping[AgentId, tuple[datetime, datetime]], soon: datetime, daily: datetime
    ) -> list[AgentNews]:
        """Return what no mail has told these agents and they have not seen, each within two times, both included.

        soon: until then what is told within minutes (`news.SOON`), whatever the later of their times is; daily: what
        is told once a day (`news.DAILY`), likewise.
        """

    async def held_back(self, agents: Collection[AgentId], since: datetime) -> frozenset[AgentId]:
        """Return those of these agents to whom no further mail is made: one waits, or was made after `since`.

        A trial counts as none.
        """

    async def make(self, mail: AgentMail) -> None:
        """Keep a mail, if it is new; what it tells of, as it was first made, is told by no other."""

    async def mark_told(self, mail: AgentMail) -> None:
        """Note that no other mail is to tell of what this one, as it is kept, tells of; `make` does.

        Nor of anything else that is told once a day, up to its `daily_until`.
        """

    async def waiting(self, now: datetime, most: int) -> list[AgentMail]:
        """Return mails that are due, and those that have begun to leave, those due first first."""

    async def told_by(self, mail: AgentMail) -> list[AgentNews]:
        """Return what a mail tells of, as it stands now, oldest first; what its agent has seen is left out."""

    async def begin(self, mail: AgentMail, now: datetime) -> bool:
        """Note that a mail is about to leave; say whether it may: it has not begun before."""

    async def put_off(self, mail: AgentMail, due_at: datetime, reason: str) -> None:
        """It did not leave: try again, from then on."""

    async def conclude(self, mail: AgentMail, state: MailState, reason: str | None = None) -> None:
        """Note what became of it for good."""

    async def is_disabled(self, agent: AgentId) -> bool:
        """Say whether an agent's account here was taken away."""


class MongoAgentMails(AgentMails):
    """The mails in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._mails = database[COLLECTION]
        self._news = database[news.COLLECTION]
        self._accounts = DISABLED.of(database)

    def writing(self) -> AbstractAsyncContextManager[Held]:
        return leased(self._mails, _WORDS)

    @translate_errors
    async def to_tell(
        self, agents: Mapping[AgentId, tuple[datetime, datetime]], soon: datetime, daily: datetime
    ) -> list[AgentNews]:
        found: list[dict[str, Any]] = []
        for agent, (since, until) in agents.items():  # questions apart: of all in one MongoDB may sort in memory
            found += await self._untold(agent, {"$gte": since, "$lte": until}, _USUAL, READ_AT_MOST)
            found += await self._untold(agent, {"$gte": since, "$lte": daily}, news.DAILY, DAILY_AT_MOST)
            if soon > until:
                within = {"$gte": since, "$gt": until, "$lte": soon}
                found += await self._untold(agent, within, news.SOON, READ_AT_MOST)
        return [AgentNews.model_validate(each) for each in found]

    async def _untold(
        self, agent: AgentId, within: dict[str, Any], kinds: Collection[NewsKind], most: int
    ) -> list[dict[str, Any]]:
        wanted = {"agent": agent, "seen": False, "to_mail": True, "at": within, "kind": {"$in": [*kinds]}}
        found: list[dict[str, Any]] = await self._news.find(wanted).sort("at", ASCENDING).limit(most).to_list(most)
        return found

    @translate_errors
    async def held_back(self, agents: Collection[AgentId], since: datetime) -> frozenset[AgentId]:
        theirs = {"agent": {"$in": [*agents]}, "trial": None}
        late = await find_all(self._mails, {**theirs, "made_at": {"$gt": since}}, ("agent",))
        waiting = await find_all(self._mails, {**theirs, "state": MailState.WAITING}, ("agent",))
        return frozenset(AgentId(each["agent"]) for each in (*late, *waiting))

    @translate_errors
    async def make(self, mail: AgentMail) -> None:
        await insert_new(self._mails, [mail.model_dump(by_alias=True)])
        first = await self._mails.find_one({"_id": mail.mail_id})
        if first is not None:
            await self.mark_told(AgentMail.model_validate(first))

    @translate_errors
    async def mark_told(self, mail: AgentMail) -> None:
        await self._news.update_many({"_id": {"$in": [*mail.news]}}, {"$set": {"to_mail": False}})
        if mail.daily_until is not None:
            untold = {"agent": mail.agent, "seen": False, "to_mail": True, "at": {"$lte": mail.daily_until}}
            daily = {"kind": {"$in": [*news.DAILY]}}
            await self._news.update_many({**untold, **daily}, {"$set": {"to_mail": False}})

    @translate_errors
    async def waiting(self, now: datetime, most: int) -> list[AgentMail]:
        due = {"state": MailState.WAITING, "due_at": {"$lte": now}}
        found = await self._mails.find(due).sort("due_at", ASCENDING).limit(most).to_list(most)
        return [AgentMail.model_validate(each) for each in found]

    @translate_errors
    async def told_by(self, mail: AgentMail) -> list[AgentNews]:
        found = await find_all(self._news, {"_id": {"$in": [*mail.news]}, "seen": False, **news.KNOWN})
        return sorted(map(AgentNews.model_validate, found), key=lambda each: each.at)

    @translate_errors
    async def begin(self, mail: AgentMail, now: datetime) -> bool:
        fresh = {"_id": mail.mail_id, "state": MailState.WAITING, "begun_at": None}
        begun = await self._mails.update_one(fresh, {"$set": {"begun_at": now}, "$inc": {"attempts": 1}})
        return begun.matched_count == 1

    @translate_errors
    async def put_off(self, mail: AgentMail, due_at: datetime, reason: str) -> None:
        later = {"due_at": due_at, "begun_at": None, "reason": reason}
        await self._mails.update_one({"_id": mail.mail_id, "state": MailState.WAITING}, {"$set": later})

    @translate_errors
    async def conclude(self, mail: AgentMail, state: MailState, reason: str | None = None) -> None:
        open_yet = {"_id": mail.mail_id, "state": {"$in": [MailState.WAITING, MailState.UNKNOWN]}}
        await self._mails.update_one(open_yet, {"$set": {"state": state, "reason": reason}})

    @translate_errors
    async def is_disabled(self, agent: AgentId) -> bool:
        account = await self._accounts.find_one({"_id": agent})
        return account is not None and account.get("disabled_at") is not None
