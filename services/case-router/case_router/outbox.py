"""Publish what cases hold in their outboxes, then note that it is done (design 3.4, steps 4 and 5)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, EventId
from guichet.kafka.publisher import Publication, Publisher
from guichet.store.case_document import CaseDocument
from guichet.store.cases import CaseStore
from guichet.store.commands import CommandStore
from guichet.store.messages import Filing, MessageStore


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
        await self._commands.mark_done(commands)
        causes = {*(filing.message_id for filing in filings), *commands}
        await self._cases.pull_published(_entries(cases.values(), causes))


def _publications(cases: Iterable[CaseDocument]) -> list[Publication[Any]]:
    events = CASE_EVENTS.events
    return [Publication(CASE_EVENTS, events.validate_python(entry.event)) for case in cases for entry in case.outbox]


def _entries(cases: Iterable[CaseDocument], causes: Collection[str]) -> dict[CaseId, list[EventId]]:
    """Return the events of these causes, by case."""
    found = {
        case.case_id: [entry.event["event_id"] for entry in case.outbox if entry.cause in causes] for case in cases
    }
    return {case: events for case, events in found.items() if events}
