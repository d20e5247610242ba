"""What happened to a case. Topic key: the case id; `version` counts a case's events from 1 without a gap."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, model_validator

from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Contract, Event, Sealed
from guichet.contracts.calls import CallStep
from guichet.contracts.delivery import Settlement
from guichet.contracts.goes_by import with_version
from guichet.contracts.inbound import Automatic, ChannelName
from guichet.contracts.legal_facts import Day, StatedFact
from guichet.contracts.unannounced import Unannounced
from guichet.contracts.workflow import Workflow
from guichet.ids import (
    AgentId,
    CaseId,
    DepartmentId,
    MessageId,
    NoteId,
    ProcedureId,
    Reference,
    SectorCitizenId,
    SectorId,
)

ON_THE_SPOT: Final = "on-the-spot"  # a manner of closing


class CaseState(StrEnum):
    """Where a case stands; what moves it: docs/design.md."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_CITIZEN = "waiting_for_citizen"
    CLOSED = "closed"
    ARCHIVED = "archived"
    DESTROYED = "destroyed"
    TRANSFERRED = "transferred"


class RoutingReason(Contract):
    """Why a case went to a department: the town's rule and what kind of match it was. Never the citizen's words."""

    rule: (
        str  # the rule's id in the town's files; "fallback" when none matched, "unread" for what no program could read
    )
    kind: Literal["mailbox", "keyword", "fallback", "agent", "portal"]


class CaseEvent(Event):
    """Common to all: which case, its order, who may see it. caused_by: id of the message, command, report or timer."""

    case_id: CaseId
    reference: Reference
    version: int = Field(ge=1)
    caused_by: str
    sector: SectorId
    department: DepartmentId
    citizen: SectorCitizenId | None  # None: several citizens share the sender's address, an agent judges
    procedure: ProcedureId | None = None  # of the town's catalogue; None: nobody has said, or an older event
    entered_by: AgentId | None = None  # who took it down by hand; None: it came by itself


class CaseOpened(CaseEvent):
    """A message opened a case."""

    type: Literal["CaseOpened"] = "CaseOpened"
    schema_version: Literal[2, 1] = 2  # type: ignore[assignment]  # 1: ids of cases that the message quoted
    message_id: MessageId
    channel: ChannelName
    account: str  # the town's account that answers
    received_at: AwareDatetime
    automatic: Automatic | None = None
    declared_abusive: bool = False  # no receipt is owed: an agent has declared the sender's messages abusive
    acknowledged: bool = False  # its acknowledgement (ReceiptOwed) leaves at once, and no registration receipt
    routing: RoutingReason


class MessageFiled(CaseEvent):
    """A further message joined the case. question: the letter that it answers by its form."""

    type: Literal["MessageFiled"] = "MessageFiled"
    message_id: MessageId
    channel: ChannelName
    received_at: AwareDatetime
    automatic: Automatic | None = None
    question: MessageId | None = None


class CaseRerouted(CaseEvent):
    """An agent handed the case over; `sector` and `department` are the new ones. A procedure stays behind.

    unannounced: why the citizen is not written to about it; None: they are (guichet.contracts.unannounced).
    """

    type: Literal["CaseRerouted"] = "CaseRerouted"
    from_sector: SectorId
    from_department: DepartmentId
    from_procedure: ProcedureId | None = None
    by: AgentId
    reason: Sealed
    unannounced: Unannounced | None = None


class CaseAssigned(CaseEvent):
    """Whose work the case is from now on. by: None where its agent has no right to it any more, and it is nobody's."""

    type: Literal["CaseAssigned"] = "CaseAssigned"
    from_agent: AgentId | None = None
    to: AgentId | None
    by: AgentId | None = None
    reason: Sealed | None = None


class CaseSnoozed(CaseEvent):
    """Nothing is to be done about it until then. until: None: it is back; by: None: by its day, or a citizen's word."""

    type: Literal["CaseSnoozed"] = "CaseSnoozed"
    until: AwareDatetime | None
    by: AgentId | None = None


class NoteAdded(CaseEvent):
    """An agent said something to colleagues, to those of `mentions` by name. No citizen is sent or shown it."""

    type: Literal["NoteAdded"] = "NoteAdded"
    note_id: NoteId
    by: AgentId
    mentions: tuple[AgentId, ...] = ()
    call: CallStep | None = None
    call_wanted_at: AwareDatetime | None = None


class ReplyRequested(CaseEvent):
    """An agent's answer is to be sent, to the sender of the message that it answers; None: of the case's last one.

    goes_by: the channel by which it goes to the address that lies sealed beside its text instead: the router has found
    that it is this citizen's. states: what it does in law, once it has left. closes: it says that the case is closed.
    """

    type: Literal["ReplyRequested"] = "ReplyRequested"
    schema_version: Literal[2, 1] = 1  # type: ignore[assignment]  # 2: goes_by is set, and decides who gets it
    outbound_id: MessageId
    answers: MessageId | None = None
    goes_by: ChannelName | None = None
    by: AgentId
    states: StatedFact | None = None
    closes: bool = False

    _versioned = model_validator(mode="before")(with_version)

    @property
    def kind(self) -> str | None:
        """What it does in law, as a code."""
        return None if self.states is None else self.states.event


class CaseMoved(CaseEvent):
    """The case changed state other than by closing."""

    type: Literal["CaseMoved"] = "CaseMoved"
    from_state: CaseState
    to_state: CaseState
    by: AgentId | None = None  # None: the citizen's message moved it


class CaseClosed(CaseEvent):
    """The department is done. on_the_spot: who took it down had answered it there and then; a message caused it.

    unannounced: see CaseRerouted.
    """

    type: Literal["CaseClosed"] = "CaseClosed"
    by: AgentId
    on_the_spot: bool = False
    unannounced: Unannounced | None = None

    @property
    def manner(self) -> str | None:
        """How it was closed, as a code; None: as cases are."""
        return ON_THE_SPOT if self.on_the_spot else self.unannounced


class CaseReopened(CaseEvent):
    """An agent opened a closed case again; its new state is in the `CaseMoved` that goes with it.

    unannounced: see CaseRerouted.
    """

    type: Literal["CaseReopened"] = "CaseReopened"
    by: AgentId
    reason: Sealed
    unannounced: Unannounced | None = None


class FactStated(CaseEvent):
    """An agent said what the law's clocks of the case ask for. from_procedure: what the case was of before."""

    type: Literal["FactStated"] = "FactStated"
    by: AgentId
    fact: StatedFact
    from_procedure: ProcedureId | None = None
    reason: Sealed | None = None

    @property
    def kind(self) -> str:
        """What was told, as a code."""
        return self.fact.event

    @property
    def value(self) -> str | None:
        """What it says, as a code."""
        return self.fact.value


class SilenceStatement(Contract):
    """What a receipt says of silence: its meaning, and the day on which it decides (docs/law.md 11)."""

    means: Literal["accepts", "rejects"]
    decides_on: Day


class WorkflowBegun(CaseEvent):
    """The case goes through these steps from now on, whatever its procedure says later. step: the first; None: none."""

    type: Literal["WorkflowBegun"] = "WorkflowBegun"
    workflow: Workflow
    step: str | None

    @property
    def steps_version(self) -> str:
        """Which steps they are."""
        return self.workflow.version


class TaskMarked(CaseEvent):
    """An agent said of a task of its workflow that it is done, or that it is not."""

    type: Literal["TaskMarked"] = "TaskMarked"
    by: AgentId
    task: str
    is_done: bool

    @property
    def state(self) -> str:
        """Which of both, as a code."""
        return "done" if self.is_done else "open"


class StepReached(CaseEvent):
    """Its workflow is at another step. step: None: it is through."""

    type: Literal["StepReached"] = "StepReached"
    from_step: str | None
    step: str | None


class ReceiptOwed(CaseEvent):
    """The acknowledgement (ARE) is to leave now, to the sender of a message.

    is_full: whether it says all that R112-11-1 asks for (docs/law.md 11); else nobody has confirmed what the case is,
    its last day has come, and it says the date and the service alone. silence: of a full one, where silence decides.
    corrects: one that said otherwise left before.
    """

    type: Literal["ReceiptOwed"] = "ReceiptOwed"
    answers: MessageId
    received_on: Day
    is_full: bool
    silence: SilenceStatement | None = None
    corrects: bool = False

    @property
    def manner(self) -> str:
        """Which it is, as a code."""
        return "corrected" if self.corrects else "full" if self.is_full else "incomplete"

    @property
    def says(self) -> str | None:
        """What it says that silence means."""
        return None if self.silence is None else self.silence.means

    @property
    def decides_on(self) -> Day | None:
        """When it says that silence decides."""
        return None if self.silence is None else self.silence.decides_on


class ClockReached(CaseEvent):
    """A clock of the law, or a target of the town's, came to a day of which people are told.

    clock: of guichet.law.clocks.clock. stage: its last day is near, or is today, or is over, or silence has decided.
    due: that last day. means: of a silence, what it says.
    """

    type: Literal["ClockReached"] = "ClockReached"
    clock: str
    stage: Literal["near", "due", "late", "decided"]
    due: Day
    means: Literal["accepts", "rejects"] | None = None


class SenderConfirmed(CaseEvent):
    """An agent recognised who opened the case: `citizen` from now on."""

    type: Literal["SenderConfirmed"] = "SenderConfirmed"
    by: AgentId


class AbuseDeclared(CaseEvent):
    """An agent declared abusive what the sender sends this sector: no receipt until then. The sender is told once."""

    type: Literal["AbuseDeclared"] = "AbuseDeclared"
    by: AgentId
    ground: AbuseGround
    until: AwareDatetime
    reason: Sealed


class AbuseLifted(CaseEvent):
    """An agent took such a declaration back."""

    type: Literal["AbuseLifted"] = "AbuseLifted"
    by: AgentId


class LinkRenewed(CaseEvent):
    """The citizen asked for a new link: the former one leads nowhere, and the new one goes to a message's sender."""

    type: Literal["LinkRenewed"] = "LinkRenewed"
    answers: MessageId | None = None  # whose sender gets it; None (an older event): who opened the case


class CommandRefused(CaseEvent):
    """A command came too late or made no sense any more (a closed case closed again …); the agent sees why."""

    type: Literal["CommandRefused"] = "CommandRefused"
    schema_version: Literal[10, 9, 8, 7, 6, 5, 4, 3, 2, 1] = 10  # type: ignore[assignment]
    # 1: no "unknown-citizen"; 2: nothing of abuse; 3: no "case-changed"; 4: no "already-settled"; 5: nothing of work;
    # 6: nothing of other addresses, or of what is given behind an answer; 7: nothing of legal facts;
    # 8: nothing of pieces, or of authorities; 9: nothing of tasks
    command_id: str
    by: AgentId
    why: Literal[
        "case-closed",
        "unknown-department",
        "same-department",
        "unknown-message",
        "unknown-citizen",
        "case-changed",  # another person wrote or decided after what its author was shown
        "case-moved",  # to another sector than the one that the command is about
        "unknown-sender",
        "already-declared",
        "not-declared",
        "already-settled",  # another agent, or a late report, told meanwhile what became of the message
        "same-agent",  # it is that agent's work already
        "not-closed",  # it is open already, or what is left of it opens no more
        "no-such-day",  # of a snooze or a call: past, or more than a year ahead; of a fact: before receipt, or ahead
        "not-snoozed",  # it is back already
        "unknown-note",  # nobody has its words, or they are another case's
        "agent-without-right",  # whom it was to be given may not answer it
        "unknown-address",  # it is not, or no longer, known to be the citizen's, or nothing is sent there
        "not-failed",  # what was to go another way arrived meanwhile, goes again, or was made up for
        "answer-refused",  # the answer that it was given behind came to nothing
        "unknown-procedure",  # the catalogue has none such, or not for the case's department
        "unknown-fact",  # no agent tells it, it is of another moment, or what is withdrawn was never told
        "same-fact",  # it stands so already
        "too-many-facts",
        "unknown-piece",  # its procedure has none such, or no letter asked for it
        "unknown-authority",  # the town's directory has none of that name
        "unknown-task",  # its workflow has none such, or is another one by now
        "same-task",  # it stands so already
    ]
    reason: Sealed | None = None  # that its author wrote: their words are not lost


class DeliveryRecorded(CaseEvent):
    """What became of an outbound message, noted in the case. The notifier does not read it: the feedback ends.

    reason: the kebab-case code of DeliveryChanged; none in what was recorded before it was kept.
    """

    type: Literal["DeliveryRecorded"] = "DeliveryRecorded"
    outbound_id: MessageId
    state: str
    reason: str | None = None


class DeliverySettled(CaseEvent):
    """An agent said what holds of an outbound message whose fate was unknown for good."""

    type: Literal["DeliverySettled"] = "DeliverySettled"
    outbound_id: MessageId
    by: AgentId
    settlement: Settlement


class CaseDestroyed(CaseEvent):
    """A person was erased, and this case with them: whoever shows it stops. `citizen` is None, `caused_by` the request.

    `version` counts on; events of the case that nobody had published by then were destroyed with it.
    """

    type: Literal["CaseDestroyed"] = "CaseDestroyed"
    from_state: CaseState


AnyCaseEvent = Annotated[
    CaseOpened
    | MessageFiled
    | CaseRerouted
    | CaseAssigned
    | NoteAdded
    | CaseSnoozed
    | ReplyRequested
    | CaseMoved
    | CaseClosed
    | CaseReopened
    | FactStated
    | WorkflowBegun
    | TaskMarked
    | StepReached
    | ReceiptOwed
    | ClockReached
    | SenderConfirmed
    | AbuseDeclared
    | AbuseLifted
    | LinkRenewed
    | CommandRefused
    | DeliveryRecorded
    | DeliverySettled
    | CaseDestroyed,
    Field(discriminator="type"),
]
