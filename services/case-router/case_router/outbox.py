"""Publish what cases hold in their outboxes, then note that it is done."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog

from guichet.contracts.case_events import CommandRefused
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, EventId
from guichet.kafka.publisher import Publication, Publisher
from guichet.runtime.tracing import trace_id_of
from guichet.store.case_document import CaseDocument, OutboxEntry
from guichet.store.cases import CaseStore
from guichet.store.commands import CommandStore
from guichet.store.messages import Filing, MessageStore

log = structlog.get_logger()

_FILED: Final = {"CaseOpened": "opened", "MessageFiled": "joined"}


class Outbox:
    """The outboxes of all cases."""

    def __init__(
        self, *, publisher: Publisher, cases: CaseStore, messages: MessageStore, commands: CommandStore
    ) -> None:
        self._publisher = publisher
        self._cases = cases
        self._messages = messages
        self._commands = commands

    async def finish(
        self, cases: Mapping[CaseId, CaseDocument], filings: Sequence[Filing], commands: Sequence[EventId]
    ) -> None:
        """Publish each case's whole outbox in order, mark these causes done, take their entries out.

        Entries of other causes are published too, so that no event overtakes another, and stay for whoever wrote them.
        Raises TransientError.
        """
        await self._publisher.publish(*_publications(cases.values()))
        await self._messages.mark_filed(filings)
        await self._commands.mark_done(commands, _refused(cases.values(), commands))
        causes = {*(filing.message_id for filing in filings), *commands}
        settled = _entries(cases.values(), causes)
        await self._cases.pull_published(
            {case: [entry.event["event_id"] for entry in entries] for case, entries in settled.items()}
        )
        told = log.bind()  # once a batch: looking the logger up costs as much as the line
        for case, entries in settled.items():
            for entry in entries:
                _tell(told, case, entry)


def _publications(cases: Iterable[CaseDocument]) -> list[Publication[Any]]:
    """Return every event, each under the trace of what caused it."""
    events = CASE_EVENTS.events
    return [
        Publication(CASE_EVENTS, events.validate_python(entry.event), trace=entry.trace)
        for case in cases
        for entry in case.outbox
    ]


def _refused(cases: Iterable[CaseDocument], commands: Collection[EventId]) -> dict[EventId, str]:
    """Return why some of these commands came to nothing."""
    told = (entry for case in cases for entry in case.outbox if entry.event["type"] == CommandRefused.__name__)
    return {EventId(entry.cause): entry.event["why"] for entry in told if entry.cause in commands}


def _entries(cases: Iterable[CaseDocument], causes: Collection[str]) -> dict[CaseId, list[OutboxEntry]]:
    """Return the entries of these causes, by case."""
    found = {case.case_id: [entry for entry in case.outbox if entry.cause in causes] for case in cases}
    return {case: entries for case, entries in found.items() if entries}


def _tell(told: structlog.typing.FilteringBoundLogger, case: CaseId, entry: OutboxEntry) -> None:
    """Log what became of a cause, so that a message can be followed from the edge into its case: ids only."""
    kind, place = entry.event["type"], {"case_id": case, "trace_id": trace_id_of(entry.trace)}
    if kind in _FILED:
        told.info("message filed", message_id=entry.cause, how=_FILED[kind], **place)
    else:
        told.info("case changed", cause=entry.cause, change=kind, version=entry.event["version"], **place)
