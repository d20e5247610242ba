"""A case as stored: what a document of `cases` holds. The case is its own outbox and the commit point."""

from typing import Any, Final, Literal, TypedDict

from pydantic import AwareDatetime, Field, SerializerFunctionWrapHandler, model_serializer

from guichet.case.newest import Said
from guichet.contracts.base import Contract, Sealed
from guichet.contracts.case_events import CaseState, RoutingReason, SilenceStatement
from guichet.contracts.inbound import Automatic, ChannelName
from guichet.contracts.legal_facts import Day, StatedFact
from guichet.contracts.workflow import Workflow
from guichet.ids import (
    AgentId,
    CaseId,
    DepartmentId,
    MessageId,
    ProcedureId,
    Reference,
    SectorCitizenId,
    SectorId,
)


class OutboxEntry(Contract):
    """An event not yet known to be published, and the cause that brought it about."""

    cause: str
    event: dict[str, Any]  # the event as JSON
    trace: str | None = (
        None  # the cause's (guichet.runtime.telemetry.tracing): whoever publishes the event continues it
    )


class CaseDue(Contract):
    """What a case keeps of the law's clocks (guichet.case.due), for lists and timers. None: there is none.

    clock, due_on: of the gravest duty that is overdue, else of the next; is_late: which of both it is.
    decided, decided_on: what silence did, and when. is_doubted: a person looks first.
    changes_on: the day on which to reckon anew though nothing happens.
    receipt: the ARE that was owed last; of-before: its last day was over before anybody counted. says: of silence.
    announced: the days of which people have heard, the last last.
    """

    clock: str | None = None
    due_on: Day | None = None
    is_late: bool = False
    decided: Literal["accepts", "rejects"] | None = None
    decided_on: Day | None = None
    changes_on: Day | None = None
    is_doubted: bool = False
    receipt: Literal["full", "incomplete", "of-before"] | None = None
    says: SilenceStatement | None = None
    announced: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _without_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value}


class CountedClock(Contract):
    """A clock of the law, or a target, that has ended (guichet.law.clocks.outcome), and whose figures have it.

    day_begins: of the day of Paris on which it ended. department: who had the case at the end of that day.
    """

    clock: str
    outcome: str
    day_begins: AwareDatetime
    department: DepartmentId


class Rerouting(Contract):
    """A department gave the case to another one, on a day."""

    on: Day
    by: DepartmentId


class DoneTask(Contract):
    """A task of a workflow that is done."""

    task: str
    by: AgentId
    at: AwareDatetime


class CaseWorkflow(Contract):
    """The steps that a case goes through. step: where it is; None: it is through (guichet.case.workflow).

    by_hand: an agent took the case down, which a condition may ask.
    """

    frozen: Workflow
    step: str | None
    by_hand: bool = False
    done: tuple[DoneTask, ...] = ()


class CaseRecord(Contract):
    """A case, which stays small whatever happens to it. `version`: number of its events.

    Sealed fields are under the case's own key, thing ("case", case_id).
    """

    case_id: CaseId = Field(alias="_id")
    version: int
    reference: Reference  # unique
    state: CaseState
    sector: SectorId
    department: DepartmentId
    citizen: SectorCitizenId | None
    candidates: tuple[SectorCitizenId, ...] = ()  # who may have opened it, for the agent to judge
    unverified: bool = False  # nobody vouches for who opened it, and no agent has confirmed it (docs/decisions/0019)
    channel: ChannelName
    account: str  # the town's account that answers on the channel of origin
    opened_by: MessageId
    last_inbound: MessageId
    addressed: MessageId | None = None  # to whose sender an answer goes; None: to the last one's
    answered_questions: tuple[MessageId, ...] = ()  # letters whose forms were answered, of the newest of them
    received_at: AwareDatetime  # in law, of the opening message (docs/law.md 15): the legal clock
    updated_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    automatic: Automatic | None = None
    routing: RoutingReason
    procedure: ProcedureId | None = None  # of the town's catalogue
    snoozed_until: AwareDatetime | None = None  # nothing is to be done about it before
    call_back_at: AwareDatetime | None = None  # from when on somebody is to be called back; None: nobody
    at_rest: bool | None = None  # True: the town answered last, or it is snoozed; None: it waits for a word of ours
    assigned_to: AgentId | None = None  # whose work it is; None: nobody's, or a case of before
    entered_by: AgentId | None = None  # who took it down by hand; None: it came by itself
    linked_to: Sealed | None = None  # field "linked_to": see guichet.store.cases.fields
    # The case's own tags of who was addressed in the thread, so many at most: no strangers
    participants: tuple[str, ...] = ()
    deliveries: dict[str, str] = Field(default_factory=dict)  # outbound id → delivery state, of the newest of them
    undecided: tuple[MessageId, ...] = ()  # of these nobody will learn whether they left, until an agent says
    # Messages of the town's that did not leave, or of which nobody knows it, and that nothing has made up for
    unsent: tuple[MessageId, ...] = ()
    follow: str  # the lookup value of the case's link (guichet.privacy.follow_link)
    link: Sealed | None = None  # its secret, field "link"; None in a case from before docs/decisions/0015
    link_renewed_at: AwareDatetime | None = None  # when the citizen last asked for a new one
    subject: Sealed | None = None  # field "subject"
    abusive_until: AwareDatetime | None = None  # declared here (guichet.store.abuse_declarations), not lifted or moved
    no_receipt: Sealed | None = None  # field "no_receipt": a NoReceipt, where the sender had been declared abusive
    newest: tuple[Said, ...] = ()  # what was written and decided last, the oldest first; none in a case of before
    erasing: bool = False  # a person of the case is being erased: nobody works on it or shows it any more
    owes_erasure: bool = False  # its person is erased; it goes too, once it is evidence no more (docs/decisions/0102)
    # What lists, pages and decisions need of the history, which lies in `case_history` (docs/decisions/0032):
    last_spoken_at: AwareDatetime | None = None  # when the citizen or an agent wrote last
    page_version: int = 0  # of the last event that changed what the citizen's page shows
    closing_version: int = 0  # of the last event by which an agent closed it, or opened it again
    taken_up_by: tuple[AgentId, ...] = ()  # agents who have acted in it: no more than the town has
    has_news: bool = False  # the citizen wrote again, and no agent has acted since
    abuse_lifted: bool = False  # the last that was said of abuse here is that receipts are owed again
    facts: tuple[StatedFact, ...] = ()  # what the law's clocks are reckoned from, besides the receipt
    leaving: dict[str, StatedFact] = Field(default_factory=dict)  # outbound id → what it does in law once it has left
    due: CaseDue | None = None  # None: nobody has reckoned them yet
    # None: of before clocks were counted, when nobody kept what their ends follow from (docs/decisions/0104)
    ended_clocks: tuple[CountedClock, ...] | None = None
    rerouted: tuple[Rerouting, ...] = ()  # the oldest first (guichet.case.ended_clocks)
    workflow: CaseWorkflow | None = None  # None: its procedure had no steps when it was confirmed, or nobody did
    outbox: tuple[OutboxEntry, ...] = ()

    @property
    def answered_at(self) -> MessageId:
        """The message to whose sender an answer goes: what came by the form of a question has none."""
        return self.addressed or self.last_inbound

    @property
    def newest_said(self) -> str:
        """The id of the newest message or decision: what a page of the case has shown (docs/decisions/0030)."""
        return self.newest[-1].id if self.newest else self.last_inbound


class DestroyedCase(Contract):
    """A tombstone. version: of its CaseDestroyed, which `outbox` holds until somebody has published it."""

    case_id: CaseId = Field(alias="_id")
    version: int
    state: Literal[CaseState.DESTROYED] = CaseState.DESTROYED
    erasing: Literal[True] = True
    destroyed_at: AwareDatetime  # the day
    outbox: tuple[OutboxEntry, ...] = ()


class Changes(TypedDict, total=False):
    """What may change of a living case, by name; the rest is as it was opened."""

    version: int
    state: CaseState
    sector: SectorId
    department: DepartmentId
    citizen: SectorCitizenId | None
    candidates: tuple[SectorCitizenId, ...]
    unverified: bool
    last_inbound: MessageId
    addressed: MessageId | None
    answered_questions: tuple[MessageId, ...]
    updated_at: AwareDatetime
    closed_at: AwareDatetime | None
    routing: RoutingReason
    procedure: ProcedureId | None
    assigned_to: AgentId | None
    snoozed_until: AwareDatetime | None
    call_back_at: AwareDatetime | None
    at_rest: bool | None
    linked_to: Sealed | None
    participants: tuple[str, ...]
    deliveries: dict[str, str]
    undecided: tuple[MessageId, ...]
    unsent: tuple[MessageId, ...]
    follow: str
    link: Sealed | None
    link_renewed_at: AwareDatetime | None
    subject: Sealed | None
    abusive_until: AwareDatetime | None
    no_receipt: Sealed | None
    newest: tuple[Said, ...]
    erasing: bool
    owes_erasure: bool
    last_spoken_at: AwareDatetime | None
    page_version: int
    closing_version: int
    taken_up_by: tuple[AgentId, ...]
    has_news: bool
    abuse_lifted: bool
    facts: tuple[StatedFact, ...]
    leaving: dict[str, StatedFact]
    due: CaseDue | None
    ended_clocks: tuple[CountedClock, ...] | None
    rerouted: tuple[Rerouting, ...]
    workflow: CaseWorkflow | None
    outbox: tuple[OutboxEntry, ...]


SET_ASIDE: Final[Changes] = {"erasing": True}
RELEASED: Final[Changes] = {"erasing": False}
OWED: Final[Changes] = {"owes_erasure": True}
