"""What an agent decides about a case, or about a mail that has none yet. Topic key: the case's id, or the mail's."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, model_validator

from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Event, Sealed
from guichet.contracts.calls import CallStep
from guichet.contracts.delivery import Settlement
from guichet.contracts.goes_by import with_version
from guichet.contracts.inbound import ChannelName
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.unannounced import Unannounced
from guichet.ids import AgentId, CaseId, DepartmentId, EventId, MessageId, NoteId, SectorCitizenId, SectorId

MENTIONS_AT_MOST: Final = 20  # of colleagues by one note: whoever speaks to more speaks to the department


class CaseCommand(Event):
    """An agent's decision; `event_id` is the command's id, made by the desk once per click.

    shown: the newest message or decision of the case that its author was shown: the message's id, or the command's.
    Where another person's came since, the command is refused. None in a command of before, which is taken as it was.
    """

    case_id: CaseId
    issued_by: AgentId
    shown: str | None = None


class SendReply(CaseCommand):
    """Answer the citizen. The text lies sealed in the outbound message document `outbound_id`.

    answers: the message to whose sender it goes, as the agent's page showed it; None in a command of before: then to
    whoever wrote last.
    drafted_by: who wrote it, where its author has signed what a colleague submitted to them.
    goes_by: the channel by which it goes to the address that lies sealed beside its text (`OutboundContent.to`), one
    of the case's citizen; None: to the sender of what it answers (docs/decisions/0084).
    instead_of: the answer that failed, whose words go another way; refused once that one is failed no more,
    or another answer was taken.
    states: what the answer does in law, once it has left (guichet.contracts.legal_facts.BORNE_BY_ANSWERS).
    closes: the case is closed behind it, and the answer says so.
    """

    type: Literal["SendReply"] = "SendReply"
    schema_version: Literal[2, 1] = 1  # type: ignore[assignment]  # 2: goes_by is set, and decides who gets it
    outbound_id: MessageId
    answers: MessageId | None = None
    drafted_by: AgentId | None = None
    goes_by: ChannelName | None = None
    instead_of: MessageId | None = None
    awaits_answer: bool = False  # then the case waits for the citizen
    states: StatedFact | None = None
    closes: bool = False

    _versioned = model_validator(mode="before")(with_version)


class RerouteCase(CaseCommand):
    """Hand the case to another department. reason: sealed under the case's key for ("case", case_id, event_id).

    unannounced: why the citizen is not written to about it; None: they are.
    """

    type: Literal["RerouteCase"] = "RerouteCase"
    department: DepartmentId
    reason: Sealed
    unannounced: Unannounced | None = None


class AssignCase(CaseCommand):
    """Make the case an agent's work; to: None, nobody's any more.

    reason: what is said to who takes over, sealed under the case's key for ("case", case_id, event_id).
    """

    type: Literal["AssignCase"] = "AssignCase"
    to: AgentId | None
    reason: Sealed | None = None


class SnoozeCase(CaseCommand):
    """Nothing is to be done about the case until then; until: None, now again.

    behind: the SendReply that it was given behind, in one deed; it comes to nothing where that one does.
    """

    type: Literal["SnoozeCase"] = "SnoozeCase"
    until: AwareDatetime | None
    behind: EventId | None = None


class AddNote(CaseCommand):
    """Say something about the case to colleagues. The words lie sealed in the note `note_id`; no citizen is shown them.

    It decides nothing, so that whatever came since `shown` does not overtake it.
    mentions: the colleagues to whom it speaks by name, as its document says them, too.
    call: what it says of a telephone call. call_wanted_at: from when on somebody wishes to be called back; None: now.
    """

    type: Literal["AddNote"] = "AddNote"
    note_id: NoteId
    mentions: tuple[AgentId, ...] = Field(default=(), max_length=MENTIONS_AT_MOST)
    call: CallStep | None = None
    call_wanted_at: AwareDatetime | None = None


class CloseCase(CaseCommand):
    """The department is done with the case. behind: see SnoozeCase. unannounced: see RerouteCase."""

    type: Literal["CloseCase"] = "CloseCase"
    behind: EventId | None = None
    unannounced: Unannounced | None = None


class ReopenCase(CaseCommand):
    """The department is not done with a closed case. reason: sealed under its key for ("case", case_id, event_id).

    unannounced: see RerouteCase.
    """

    type: Literal["ReopenCase"] = "ReopenCase"
    reason: Sealed
    unannounced: Unannounced | None = None


class StateFact(CaseCommand):
    """Say what the law's clocks of the case ask for: procedure, nature, a decision …; or that one was a mistake.

    fact: of the command's own moment, or of a day since the case was received, if its kind is dated by agents.
    reason: why it is withdrawn, or what shows the case's nature; sealed under the case's key for
    ("case", case_id, event_id). A message without a name and a threat need one.
    """

    type: Literal["StateFact"] = "StateFact"
    fact: StatedFact
    reason: Sealed | None = None


class MarkTask(CaseCommand):
    """Say of a task of the case's workflow that it is done, or that it is not.

    workflow: the version of the steps that its author was shown. It decides nothing: whatever came since does not
    overtake it.
    """

    type: Literal["MarkTask"] = "MarkTask"
    workflow: str
    task: str
    is_done: bool


class ConfirmSender(CaseCommand):
    """The agent has made sure who opened the case, though nobody vouches for the sender.

    citizen: one of those whom the case names, by its sector's own id. Remembered for the address.
    """

    type: Literal["ConfirmSender"] = "ConfirmSender"
    citizen: SectorCitizenId


class DeclareAbuse(CaseCommand):
    """No receipt is owed to whoever opened the case for what they send this sector from now on, until it lapses.

    sector: the case's, as its author saw it. reason: sealed under the case's key for ("case", case_id, event_id).
    """

    type: Literal["DeclareAbuse"] = "DeclareAbuse"
    sector: SectorId
    ground: AbuseGround
    reason: Sealed


class LiftAbuse(CaseCommand):
    """Receipts are owed again to whoever opened the case, in this sector."""

    type: Literal["LiftAbuse"] = "LiftAbuse"
    sector: SectorId


class SettleDelivery(CaseCommand):
    """The agent says what holds of a message whose fate is unknown for good: the citizen has it, or it goes again."""

    type: Literal["SettleDelivery"] = "SettleDelivery"
    outbound_id: MessageId
    settlement: Settlement


class MailCommand(Event):
    """An agent's decision about a suspended mail; `event_id` is the command's id, made by the desk once per click."""

    message_id: MessageId
    issued_by: AgentId


class ReleaseMail(MailCommand):
    """The mail is none that a filter should hold back: it opens or joins a case, as if it came now."""

    type: Literal["ReleaseMail"] = "ReleaseMail"


class ConfirmSpam(MailCommand):
    """The mail is what the filter took it for: it opens no case, and is deleted later, unless released before."""

    type: Literal["ConfirmSpam"] = "ConfirmSpam"


AnyCommand = Annotated[
    SendReply
    | RerouteCase
    | AssignCase
    | AddNote
    | SnoozeCase
    | CloseCase
    | ReopenCase
    | StateFact
    | MarkTask
    | ConfirmSender
    | DeclareAbuse
    | LiftAbuse
    | SettleDelivery
    | ReleaseMail
    | ConfirmSpam,
    Field(discriminator="type"),
]
