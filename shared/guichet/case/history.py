"""What the history of a case holds of each of its events: who did what and when, in clear ids; a reason stays sealed.

An entry is a function of its event. So it is the same whoever copies it, and what is still in a case's outbox can be
read as if it had been copied already.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, ValidationError

from guichet.case.record import OutboxEntry
from guichet.contracts.base import Contract, Sealed
from guichet.contracts.case_events import (
    AbuseDeclared,
    AbuseLifted,
    CaseAssigned,
    CaseClosed,
    CaseDestroyed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    CaseRerouted,
    CaseSnoozed,
    ClockReached,
    CommandRefused,
    DeliveryRecorded,
    DeliverySettled,
    FactStated,
    LinkRenewed,
    MessageFiled,
    NoteAdded,
    ReceiptOwed,
    ReplyRequested,
    SenderConfirmed,
    StepReached,
    TaskMarked,
    WorkflowBegun,
)
from guichet.contracts.legal_facts import Day
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId, NoteId


@dataclass(frozen=True)
class From:
    """Of which attribute of its event a field is; without it, of the one of the same name."""

    attribute: str


class HistoryEntry(Contract):
    """One event of a case, for the timeline. It is read as this one: what an older version wrote may say less."""

    case_id: CaseId
    version: int
    type: str
    at: AwareDatetime
    cause: str | None = None  # the message, command or report: a replay sees that it is done
    by: AgentId | None = None
    message_id: MessageId | None = None  # the inbound or outbound message it is about
    note_id: NoteId | None = None  # the internal note it is about
    mentions: tuple[AgentId, ...] = ()  # the colleagues to whom it speaks by name
    department: DepartmentId | None = None
    had_by: DepartmentId | None = None  # whose the case was then, of what a department's days count
    from_department: DepartmentId | None = None
    to_agent: AgentId | None = None  # whose work it became
    from_agent: AgentId | None = None  # whose work it was
    reason: Sealed | None = None
    reason_field: str | None = None  # the field name the reason was sealed for (the command's id)
    state: str | None = None  # the new case state, the delivery's, the ground, the settlement, or why it was refused
    until: AwareDatetime | None = (
        None  # the day until which it was put off; from which on somebody is to be called back
    )
    # Why an outbound message failed or was withheld; how the case was closed; what a note says of a call; what a fact
    # says; how a clock stands
    code: str | None = None
    due: Day | None = None  # the last day of a clock; the day on which silence decides

    @property
    def entry_id(self) -> str:
        """The id of its document: of each version of a case there is one event."""
        return entry_id(self.case_id, self.version)


def entry_id(case: CaseId, version: int) -> str:
    """Return the `_id` of a case's entry."""
    return f"{case}.{version}"


class ByAgentEntry(HistoryEntry):
    """An agent did it."""

    by: AgentId


class OpenedEntry(HistoryEntry):
    """A message opened the case."""

    message_id: MessageId
    department: DepartmentId
    had_by: Annotated[DepartmentId, From("department")]
    state: Literal["received"] = "received"


class FiledEntry(HistoryEntry):
    """A further message joined it."""

    message_id: MessageId


class ReroutedEntry(ByAgentEntry):
    """An agent handed it over; code: why the citizen is not written to about it."""

    department: DepartmentId
    from_department: DepartmentId
    reason: Sealed
    code: Annotated[str | None, From("unannounced")]


class AssignedEntry(HistoryEntry):
    """It became an agent's work, or nobody's; by: None where its agent lost the right to it."""

    by: AgentId | None
    to_agent: Annotated[AgentId | None, From("to")]
    from_agent: AgentId | None
    reason: Sealed | None


class SnoozedEntry(HistoryEntry):
    """It was put off, or came back; by: None where its day came, or the citizen wrote."""

    by: AgentId | None
    until: AwareDatetime | None


class NoteEntry(ByAgentEntry):
    """An agent said something to colleagues."""

    note_id: NoteId
    mentions: tuple[AgentId, ...]
    code: Annotated[str | None, From("call")]
    until: Annotated[AwareDatetime | None, From("call_wanted_at")]


class ReplyEntry(ByAgentEntry):
    """An agent answered; state: what the answer does in law once it has left, as a fact's kind."""

    message_id: Annotated[MessageId, From("outbound_id")]
    had_by: Annotated[DepartmentId, From("department")]
    state: Annotated[str | None, From("kind")]


class MovedEntry(HistoryEntry):
    """It changed state; by: None where the citizen's message moved it."""

    by: AgentId | None
    state: Annotated[str, From("to_state")]


class ClosedEntry(ByAgentEntry):
    """An agent closed it; code: how, where it was as it opened, or why the citizen is not written to about it."""

    had_by: Annotated[DepartmentId, From("department")]
    state: Literal["closed"] = "closed"
    code: Annotated[str | None, From("manner")]


class ReopenedEntry(ByAgentEntry):
    """An agent opened it again; code: why the citizen is not written to about it."""

    reason: Sealed
    code: Annotated[str | None, From("unannounced")]


class FactEntry(ByAgentEntry):
    """An agent said what the law's clocks ask for; state: the fact's kind; code: what it says."""

    reason: Sealed | None
    state: Annotated[str, From("kind")]
    code: Annotated[str | None, From("value")]


class WorkflowEntry(HistoryEntry):
    """It began to go through its procedure's steps; code: which version of them; state: the first step."""

    state: Annotated[str | None, From("step")]
    code: Annotated[str, From("steps_version")]


class TaskEntry(ByAgentEntry):
    """An agent said of a task whether it is done; state: done or open; code: the task."""

    state: str
    code: Annotated[str, From("task")]


class StepEntry(HistoryEntry):
    """It came to another step; state: which; None: it is through; code: the former."""

    state: Annotated[str | None, From("step")]
    code: Annotated[str | None, From("from_step")]


class ReceiptEntry(HistoryEntry):
    """The acknowledgement was to leave; code: full, incomplete or corrected; due: when silence decides, as it says."""

    message_id: Annotated[MessageId, From("answers")]
    state: Annotated[str | None, From("says")]
    code: Annotated[str, From("manner")]
    due: Annotated[Day | None, From("decides_on")]


class ClockEntry(HistoryEntry):
    """A clock came to a day; state: which; code: near, due, late or decided."""

    state: Annotated[str, From("clock")]
    code: Annotated[str, From("stage")]
    due: Day


class ConfirmedEntry(ByAgentEntry):
    """An agent recognised who wrote."""


class DeclaredEntry(ByAgentEntry):
    """An agent declared the sender abusive; state: the ground."""

    reason: Sealed
    state: Annotated[str, From("ground")]


class LiftedEntry(ByAgentEntry):
    """An agent took that back."""


class RenewedEntry(HistoryEntry):
    """The citizen got a new link."""


class RefusedEntry(ByAgentEntry):
    """A command came to nothing; state: why."""

    reason: Sealed | None
    state: Annotated[str, From("why")]


class RecordedEntry(HistoryEntry):
    """A report of an outbound message; state: the delivery's; code: its reason."""

    message_id: Annotated[MessageId, From("outbound_id")]
    state: str
    code: Annotated[str | None, From("reason")]


class SettledEntry(ByAgentEntry):
    """An agent said what holds of an outbound message; state: the settlement."""

    message_id: Annotated[MessageId, From("outbound_id")]
    state: Annotated[str, From("settlement")]


class DestroyedEntry(HistoryEntry):
    """It was destroyed, and its history with it: this one is never kept."""


ENTRIES: Final[Mapping[type[CaseEvent], type[HistoryEntry]]] = {
    CaseOpened: OpenedEntry,
    MessageFiled: FiledEntry,
    CaseRerouted: ReroutedEntry,
    CaseAssigned: AssignedEntry,
    NoteAdded: NoteEntry,
    CaseSnoozed: SnoozedEntry,
    ReplyRequested: ReplyEntry,
    CaseMoved: MovedEntry,
    CaseClosed: ClosedEntry,
    CaseReopened: ReopenedEntry,
    FactStated: FactEntry,
    WorkflowBegun: WorkflowEntry,
    TaskMarked: TaskEntry,
    StepReached: StepEntry,
    ReceiptOwed: ReceiptEntry,
    ClockReached: ClockEntry,
    SenderConfirmed: ConfirmedEntry,
    AbuseDeclared: DeclaredEntry,
    AbuseLifted: LiftedEntry,
    LinkRenewed: RenewedEntry,
    CommandRefused: RefusedEntry,
    DeliveryRecorded: RecordedEntry,
    DeliverySettled: SettledEntry,
    CaseDestroyed: DestroyedEntry,
}
_OF_EVERY_EVENT: Final = frozenset({"case_id", "version", "type", "at"})


def _sources(entry: type[HistoryEntry]) -> dict[str, str]:
    """Return which attribute of the event each of an entry's own fields is."""
    own = {name: field for name, field in entry.model_fields.items() if field.is_required()}
    return {
        name: next((each.attribute for each in field.metadata if isinstance(each, From)), name)
        for name, field in own.items()
        if name not in _OF_EVERY_EVENT
    }


_SOURCES: Final = {kind: (entry, _sources(entry)) for kind, entry in ENTRIES.items()}


def of(event: CaseEvent) -> HistoryEntry:
    """Return what the history keeps of an event."""
    entry, sources = _SOURCES[type(event)]
    own = {name: getattr(event, attribute) for name, attribute in sources.items()}
    if own.get("reason") is not None:
        own["reason_field"] = event.caused_by
    return entry(
        case_id=event.case_id,
        version=event.version,
        type=type(event).__name__,
        at=event.occurred_at,
        cause=event.caused_by,
        **own,
    )


def uncopied(outbox: Iterable[OutboxEntry]) -> Iterator[HistoryEntry]:
    """Yield the entries of what waits in a case's outbox, oldest first; of an event that nobody can read, none."""
    for waiting in outbox:
        try:
            yield of(CASE_EVENTS.events.validate_python(waiting.event))
        except ValidationError:  # the sweeper tells of it, with an alarm
            continue


def with_uncopied(copied: Iterable[HistoryEntry], outbox: Iterable[OutboxEntry]) -> list[HistoryEntry]:
    """Return both of one case, each once, oldest first.

    copied: read after the case was, so that nothing falls between them.
    """
    both = {entry.version: entry for entry in (*uncopied(outbox), *copied)}
    return [both[version] for version in sorted(both)]
