"""What the history of a case holds of each of its events: who did what and when, in clear ids; a reason stays sealed.

An entry is a function of its event. So it is the same whoever copies it, and what is still in a case's outbox can be
read as if it had been copied already.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import AwareDatetime, ValidationError

from guichet.case.record import OutboxEntry
from guichet.contracts.base import Contract, Sealed
from guichet.contracts.case_events import CaseEvent, CaseState
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId

_NAMES_ITS_DEPARTMENT: Final = frozenset({"CaseOpened", "CaseRerouted"})
_STATES: Final = {"CaseOpened": CaseState.RECEIVED, "CaseClosed": CaseState.CLOSED}
_SAYS_STATE: Final = {
    "CaseMoved": "to_state",
    "DeliveryRecorded": "state",
    "DeliverySettled": "settlement",
    "AbuseDeclared": "ground",
}
_ABOUT: Final = dict.fromkeys(("ReplyRequested", "DeliveryRecorded", "DeliverySettled"), "outbound_id")


class HistoryEntry(Contract):
    """One event of a case, for the timeline."""

    case_id: CaseId
    version: int
    type: str
    at: AwareDatetime
    cause: str | None = None  # the message, command or report: a replay sees that it is done
    by: AgentId | None = None
    message_id: MessageId | None = None  # the inbound or outbound message it is about
    department: DepartmentId | None = None
    from_department: DepartmentId | None = None
    reason: Sealed | None = None
    reason_field: str | None = None  # the field name the reason was sealed for (the command's id)
    state: str | None = None  # the new case state, the delivery's, the ground, the settlement, or why it was refused

    @property
    def entry_id(self) -> str:
        """The id of its document: of each version of a case there is one event."""
        return entry_id(self.case_id, self.version)


def entry_id(case: CaseId, version: int) -> str:
    """Return the `_id` of a case's entry."""
    return f"{case}.{version}"


def entry_of(event: CaseEvent) -> HistoryEntry:
    """Return what the history keeps of an event."""
    kind = type(event).__name__
    reason: Sealed | None = getattr(event, "reason", None)
    return HistoryEntry(
        case_id=event.case_id,
        version=event.version,
        type=kind,
        at=event.occurred_at,
        cause=event.caused_by,
        by=getattr(event, "by", None),
        message_id=getattr(event, _ABOUT.get(kind, "message_id"), None),
        department=event.department if kind in _NAMES_ITS_DEPARTMENT else None,
        from_department=getattr(event, "from_department", None),
        reason=reason,
        reason_field=event.caused_by if reason is not None else None,
        state=_STATES.get(kind) or getattr(event, _SAYS_STATE.get(kind, "why"), None),
    )


def uncopied(outbox: Iterable[OutboxEntry]) -> Iterator[HistoryEntry]:
    """Yield the entries of what waits in a case's outbox, oldest first; of an event that nobody can read, none."""
    for waiting in outbox:
        try:
            yield entry_of(CASE_EVENTS.events.validate_python(waiting.event))
        except ValidationError:  # the sweeper tells of it, with an alarm
            continue


def with_uncopied(copied: Iterable[HistoryEntry], outbox: Iterable[OutboxEntry]) -> list[HistoryEntry]:
    """Return both of one case, each once, oldest first.

    copied: read after the case was, so that nothing falls between them.
    """
    both = {entry.version: entry for entry in (*uncopied(outbox), *copied)}
    return [both[version] for version in sorted(both)]
