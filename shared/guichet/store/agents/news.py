"""What is addressed to one agent: a colleague spoke to them or gave them a case, one of theirs came back, one that
cannot wait came while they are on call, or a clock of the law came to a day.

It says that, and holds nothing of what was said. The router adds it with the event that it tells of; who has lost the
right to a case is shown nothing of it by whoever reads.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from guichet.case.record import CaseRecord
from guichet.contracts.base import Contract
from guichet.contracts.legal_facts import Day
from guichet.ids import AgentId, CaseId, EventId, derive_id
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Owner, Phrase, WithIts, days

COLLECTION: Final = "agent_news"
KEPT: Final = timedelta(days=30)
ENDS: Final = Ends(COLLECTION, "at", kept=KEPT)
READ_AT_MOST: Final = 100  # of one agent at once
DAILY_AT_MOST: Final = 2000  # of what is told once a day: one mail counts so many
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("case_id", ASCENDING)], name="by_case"),
        IndexModel([("agent", ASCENDING), ("at", DESCENDING)], name="by_agent"),
        IndexModel(
            [("agent", ASCENDING), ("case_id", ASCENDING)], name="unseen", partialFilterExpression={"seen": False}
        ),
        IndexModel(
            [("agent", ASCENDING), ("at", DESCENDING)], name="newest_unseen", partialFilterExpression={"seen": False}
        ),
        IndexModel(
            [("agent", ASCENDING), ("at", ASCENDING)],
            name="to_mail",
            partialFilterExpression={"seen": False, "to_mail": True},
        ),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="tell an agent that a colleague spoke to them or gave them a case, that one is due, or is urgent",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("what it tells of", "ce dont elle avertit"),
                period=days(KEPT.days),
            ),
            WithIts(what=Phrase("at the longest", "au plus"), owner=Owner.CASE),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            PersonalField("agent", Form.PSEUDONYM, "the id of the agent to whom it is addressed"),
            PersonalField("by", Form.PSEUDONYM, "the id of the agent by whose deed it is"),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


class NewsKind(StrEnum):
    """Why an agent is told."""

    MENTION = "mention"  # an internal note speaks to them by name
    GIVEN = "given"  # a case became their work, by another
    TAKEN = "taken"  # a case is their work no more, by another
    BACK = "back"  # a case of theirs that was put off: its day has come
    URGENT = "urgent"  # a case that cannot wait came while they are on call, or stand in for who is
    CALL = "call"  # somebody is to be called back in a case of theirs; kept ahead, and told once it is time
    DUE = "due"  # a clock of the law came to a day, in a case of theirs or of a department that they head


SOON: Final = (NewsKind.URGENT,)  # of these a mail tells within minutes, also who wants one in the morning
DAILY: Final = (NewsKind.DUE,)  # of these one in the morning, also who wants mails within minutes: days come at night


KNOWN: Final[dict[str, Any]] = {"kind": {"$in": [*NewsKind]}}
"""Of every question that an agent is answered by: what a newer router tells is left unseen, for a newer reader."""


class ReachedDay(Contract):
    """Which clock came to which day, as ClockReached says it. stage: also `incomplete`, of an acknowledgement."""

    clock: str
    stage: str
    on: Day
    means: str | None = None


class AgentNews(Contract):
    """One thing that is addressed to an agent. by: by whose deed; None: by its day. at: from when on they are told.

    to_mail: a mail may tell of it yet, where they want mails (guichet.store.agents.agent_mails).
    reached: of DUE, which day.
    """

    news_id: str = Field(alias="_id")
    agent: AgentId
    case_id: CaseId
    kind: NewsKind
    by: AgentId | None
    at: AwareDatetime
    seen: bool = False
    to_mail: bool = False
    reached: ReachedDay | None = None


def news_id(agent: AgentId, event: EventId, kind: NewsKind) -> str:
    """Return the id of what an event tells an agent: told twice, it is there once."""
    return derive_id("agent-news", agent, event, kind)


def still_so(told: Iterable[tuple[AgentNews, CaseRecord]], agent: AgentId) -> Iterator[tuple[AgentNews, CaseRecord]]:
    """Yield what an agent is still to be told, each call-back once: a case that was given back has two. Pure.

    Of a call that was made meanwhile, or is asked for at another time by now, nobody is told; of any other, whoever
    works on the case by now.
    """
    called = set[CaseId]()
    for news, case in told:
        if news.kind is NewsKind.CALL:
            if news.at != case.call_back_at or case.assigned_to not in (None, agent) or case.case_id in called:
                continue
            called.add(case.case_id)
        yield news, case


class AgentNewsStore(Protocol):
    """The news. Every method raises TransientError. now: aware UTC; what lies ahead of it is not told yet."""

    async def add(self, news: Sequence[AgentNews]) -> None:
        """Keep news; what is there already stays as it is."""

    async def of(self, agent: AgentId, now: datetime, passed: int = 0) -> list[AgentNews]:
        """Return an agent's, the newest first, READ_AT_MOST. passed: so many newer ones are left out."""

    async def unseen(self, agent: AgentId, now: datetime, passed: int = 0) -> list[AgentNews]:
        """Return those that an agent has not seen, as `of`."""

    async def see(self, agent: AgentId, now: datetime, case: CaseId | None = None) -> None:
        """Note that an agent has seen what they are told of by now; case: of that one alone."""

    async def forget(self, cases: Collection[CaseId]) -> None:
        """Remove what is told of these cases, which are destroyed."""


class MongoAgentNews(AgentNewsStore):
    """The news in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._news = database[COLLECTION]

    @translate_errors
    async def add(self, news: Sequence[AgentNews]) -> None:
        await insert_new(self._news, [each.model_dump(by_alias=True) for each in news])

    @translate_errors
    async def of(self, agent: AgentId, now: datetime, passed: int = 0) -> list[AgentNews]:
        return await self._newest({"agent": agent, **KNOWN, "at": {"$lte": now}}, passed)

    @translate_errors
    async def unseen(self, agent: AgentId, now: datetime, passed: int = 0) -> list[AgentNews]:
        return await self._newest({"agent": agent, "seen": False, **KNOWN, "at": {"$lte": now}}, passed)

    async def _newest(self, wanted: dict[str, Any], passed: int) -> list[AgentNews]:
        found = self._news.find(wanted).sort("at", DESCENDING).skip(passed).limit(READ_AT_MOST)
        return [AgentNews.model_validate(each) async for each in found]

    @translate_errors
    async def see(self, agent: AgentId, now: datetime, case: CaseId | None = None) -> None:
        wanted: dict[str, Any] = {"agent": agent, "seen": False, **KNOWN, "at": {"$lte": now}}
        wanted |= {} if case is None else {"case_id": case}
        await self._news.update_many(wanted, {"$set": {"seen": True}})

    @translate_errors
    async def forget(self, cases: Collection[CaseId]) -> None:
        await self._news.delete_many({"case_id": {"$in": [*cases]}})
