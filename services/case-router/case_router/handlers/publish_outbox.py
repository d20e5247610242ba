"""Publish what cases hold in their outboxes, keep it in their history, then note that it is done.

Of a destroyed case the tombstone holds an outbox: once it is published, the tombstone is bare.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import structlog

from case_router.domain.agent_news import news_of
from case_router.handlers.find_due_news import DueNewsFinder
from case_router.handlers.find_on_call_news import OnCallNewsFinder
from guichet.case import history
from guichet.case.record import CaseRecord, OutboxEntry
from guichet.contracts.case_events import CaseEvent, CommandRefused
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, EventId
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.runtime.telemetry.tracing import trace_id_of
from guichet.store.agents.news import AgentNews, AgentNewsStore
from guichet.store.cases.erase import CaseErasing
from guichet.store.cases.history import CaseHistory
from guichet.store.cases.store import CaseStore
from guichet.store.commands import CommandStore
from guichet.store.messages.store import Filing, MessageStore

log = structlog.get_logger()

_FILED: Final = {"CaseOpened": "opened", "MessageFiled": "joined"}


class Outbox:
    """The outboxes of all cases."""

    def __init__(
        self,
        *,
        publisher: Publisher,
        cases: CaseStore,
        history: CaseHistory,
        messages: MessageStore,
        commands: CommandStore,
        news: AgentNewsStore,
        on_call: OnCallNewsFinder,
        due: DueNewsFinder,
    ) -> None:
        self._publisher = publisher
        self._cases = cases
        self._history = history
        self._messages = messages
        self._commands = commands
        self._news = news
        self._on_call = on_call
        self._due = due

    async def finish(
        self, cases: Mapping[CaseId, CaseRecord], filings: Sequence[Filing], commands: Sequence[EventId]
    ) -> None:
        """Publish each case's whole outbox in order, copy it into the history, mark these causes done, empty it.

        First of all what is addressed to single agents is kept.

        In this order, so that whoever is killed anywhere leaves every event where the next one looks for it. Entries
        of other causes are published and copied too, so that no event overtakes another, and stay for whoever wrote
        them. Raises TransientError.
        """
        waiting = [_Waiting(case.case_id, entry, _typed(entry)) for case in cases.values() for entry in case.outbox]
        told = [(each.event, cases[each.case_id]) for each in waiting]
        await self._news.add(await self._news_of(told))
        await self._publisher.publish(
            *(Publication(CASE_EVENTS, each.event, trace=each.entry.trace) for each in waiting)
        )
        await self._history.add([history.of(each.event) for each in waiting])
        await self._messages.mark_filed(filings)
        await self._commands.mark_done(commands, _refused(cases.values(), commands))
        causes = {*(filing.message_id for filing in filings), *commands}
        done = [each for each in waiting if each.entry.cause in causes]
        destroyed = await self._cases.pull_published(_event_ids(done))
        if destroyed:  # what we copied came after their erasure
            await self._history.forget(destroyed)
            await self._news.forget(destroyed)
        bound = log.bind()  # once a batch: looking the logger up costs as much as the line
        for each in done:
            _log(bound, each.case_id, each.entry)

    async def _news_of(self, told: Sequence[tuple[CaseEvent, CaseRecord]]) -> list[AgentNews]:
        addressed = [news for event, case in told for news in news_of(event, case)]
        return [*addressed, *await self._on_call.news_of(told), *await self._due.news_of(told)]


class _Waiting(NamedTuple):
    """An entry of a case's outbox, and its event."""

    case_id: CaseId
    entry: OutboxEntry
    event: CaseEvent


def _refused(cases: Iterable[CaseRecord], commands: Collection[EventId]) -> dict[EventId, str]:
    """Return why some of these commands came to nothing."""
    refused = (entry for case in cases for entry in case.outbox if entry.event["type"] == CommandRefused.__name__)
    return {EventId(entry.cause): entry.event["why"] for entry in refused if entry.cause in commands}


def _typed(entry: OutboxEntry) -> CaseEvent:
    event: CaseEvent = CASE_EVENTS.events.validate_python(entry.event)
    return event


def _event_ids(entries: Iterable[_Waiting]) -> dict[CaseId, list[EventId]]:
    """Return the events' ids, by case."""
    found: dict[CaseId, list[EventId]] = defaultdict(list)
    for each in entries:
        found[each.case_id].append(each.event.event_id)
    return found


def _log(bound: structlog.typing.FilteringBoundLogger, case: CaseId, entry: OutboxEntry) -> None:
    """Log what became of a cause, so that a message can be followed from the edge into its case: ids only."""
    kind, place = entry.event["type"], {"case_id": case, "trace_id": trace_id_of(entry.trace)}
    if kind in _FILED:
        bound.info("message filed", message_id=entry.cause, how=_FILED[kind], **place)
    else:
        bound.info("case changed", cause=entry.cause, change=kind, version=entry.event["version"], **place)


AT_ONCE: Final = 200


@dataclass(frozen=True)
class DestroyedCases:
    """The tombstones' outboxes."""

    erasing: CaseErasing
    publisher: Publisher

    async def publish(self) -> int:
        """Publish every CaseDestroyed that may not have been published; return how many cases that were.

        A crash in between publishes one again, under the same id. Raises TransientError.
        """
        left = await self.erasing.unpublished(AT_ONCE)
        events = [CASE_EVENTS.events.validate_python(entry.event) for case in left for entry in case.outbox]
        await self.publisher.publish(*(Publication(CASE_EVENTS, event) for event in events))
        if left:
            await self.erasing.mark_published([case.case_id for case in left])
            log.info("told of destroyed cases", cases=[case.case_id for case in left])
        return len(left)
