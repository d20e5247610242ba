"""What the two pages show: a list of cases, one case. Values only, opened and in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent_desk.domain.cases.abuse import AbuseView
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import Destination, is_same
from agent_desk.domain.cases.latest import Latest
from agent_desk.domain.cases.moments import CitizenWrote, Moment, TownWrote
from agent_desk.domain.cases.other_ways import OtherAddress, chosen
from agent_desk.domain.cases.receipt_date import ReceiptDate
from agent_desk.domain.cases.story import StoryCursor
from agent_desk.domain.cases.synthesis import Synthesis
from agent_desk.domain.clocks.clocks_shown import ClocksShown
from agent_desk.domain.pictures.picture import MOST_THUMBNAILS
from agent_desk.domain.places.draw_place import MOST_MAPS
from agent_desk.domain.places.newest_placed import newest_placed
from agent_desk.domain.steps.steps_shown import StepsShown
from guichet.case.newest import Said
from guichet.contracts.case_events import CaseState, RoutingReason
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic, ChannelName
from guichet.contracts.inbound_content import Identifier
from guichet.ids import AgentId, DepartmentId, MessageId, ProcedureId, Reference, SectorCitizenId
from guichet.rights.case_acts import CaseAct
from guichet.store.cases.case_filter import OPEN_STATES, DueCount, ListCursor, Work
from guichet.store.cases.reader import COUNTED_UP_TO


@dataclass(frozen=True)
class CaseRow:
    """A case in a list. citizen, subject: None when there is none, it was erased, or it was tampered with.

    active_at: when something happened last. latest: how the newest message begins, where a list shows it.
    """

    reference: Reference
    state: CaseState
    department: DepartmentId
    channel: ChannelName
    received_at: datetime
    active_at: datetime
    days_waiting: int | None  # whole days since it was received; None once closed
    citizen: str | None = field(repr=False)  # as the registry calls them, or as the agent who heard them took down
    subject: str | None = field(repr=False)
    several: bool = False  # citizens who share the sender's address: an agent judges
    unverified: bool = False  # nobody vouches for who wrote, so who it may be is not shown
    abuse: bool = False  # a declaration that the sender's messages are abusive stands, as far as the case knows
    has_news: bool = False  # the citizen wrote again, and no agent has acted since
    unread: bool = False  # by who looks at the list
    drafted: bool = False  # they have begun an answer
    undecided: bool = False  # nobody knows whether a message of the town left: an agent says
    unsent: bool = False  # that, or one failed, and nothing has made up for it
    assigned_to: AgentId | None = None  # whose work it is
    snoozed_until: datetime | None = None  # when it comes back
    call_back_at: datetime | None = None  # from when on somebody is to be called back
    citizen_tampered: bool = False
    subject_tampered: bool = False
    latest: Latest | None = None
    procedure: ProcedureId | None = None  # whose words its answers take
    urgent: bool = False  # its procedure's cases do not wait
    due_in: int | None = None  # days until the law, or the town, wants something: negative once that day is over
    decided: str | None = None  # what silence did


@dataclass(frozen=True)
class CasePage:
    """A page of the list. counts: how many cases each state leads to; past most_counted, that it is more.

    work: likewise. None: nobody counts them, since no index does beside the filters that are on.

    rows: each as whole as its reader may see it. next_page: None on the last. further: behind which cursor there may be
    more, where pages have no number. to_sign: in how many cases an answer waits for its reader to sign it.
    urgent: how many open cases are urgent. due: how many are late, and due today.
    """

    rows: tuple[CaseRow | Synthesis, ...]
    counts: Mapping[str, int] | None
    work: Work | None
    page: int
    next_page: int | None
    further: ListCursor | None = None
    to_sign: int | None = None
    urgent: int | None = None
    due: DueCount | None = None
    most_counted: int = COUNTED_UP_TO - 1

    def without(self, gone: Collection[Reference]) -> "CasePage":
        """Return the page without what its reader came to see less of while it was read."""
        return replace(self, rows=tuple(row for row in self.rows if row.reference not in gone)) if gone else self


@dataclass(frozen=True)
class Choice:
    """Somebody whom an agent may recognise. name: None until the agent says that they have made sure."""

    citizen: SectorCitizenId
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Doubt:
    """A case whose author nobody vouches for. written_as: their address as the message gives it.

    refused: the domain of that address disowns the message. choices: whom the registry knows there.
    """

    written_as: str | None = field(repr=False)
    refused: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class CaseView:
    """One case, opened. cursor: of the page of its story; None: the newest. older: where an older one begins.

    candidates: citizens who share the sender's address. others, linked: within the scope only.

    newest: what was written and decided last, the oldest first. shown: the id of the very last, which the forms name.
    doubt: set where nothing of the registry is shown: then there are no citizen, candidates and others.
    answer: where an answer goes; None where it has no address. ways: the others by which it may reach the citizen.
    receipt: of the message that opened it; None once that is erased. acts: what its reader may do with it.
    entered_by: the agent who took it down; None: it came by itself. steps: None: its procedure has none.
    """

    row: CaseRow
    acts: frozenset[CaseAct]
    automatic: Automatic | None
    receipt_withheld: bool
    routing: RoutingReason
    story: tuple[Moment, ...] = field(repr=False)
    citizen: CitizenCard | None = field(repr=False)
    candidates: tuple[CitizenCard, ...] = field(repr=False)
    abuse: AbuseView = field(repr=False)
    clocks: ClocksShown = field(repr=False)
    steps: StepsShown | None = field(repr=False)
    others: tuple[CaseRow, ...]
    linked: tuple[CaseRow, ...]
    links_tampered: bool = False
    files_scanned: bool = False  # before each is given out
    cursor: StoryCursor | None = None
    older: StoryCursor | None = None
    doubt: Doubt | None = None
    answer: Destination | None = None
    ways: tuple[OtherAddress, ...] = ()
    receipt: ReceiptDate | None = None
    newest: tuple[Said, ...] = ()
    shown: str = ""
    entered_by: AgentId | None = None

    def ticked(self, way: str, refused: str | None) -> str:
        """Return the way that is ticked in a form: its own, else the first other where the usual one is refused.

        refused: why no answer leaves as it goes by itself (`reason_against`).
        """
        return way or (self.ways[0].mark if refused is not None and self.ways else "")

    def goes_to(self, way: str) -> Destination | None:
        """Return where an answer goes that a form sends by this way; blank: as it goes by itself."""
        found = chosen(self.ways, way)
        return found.to if found is not None else self.answer

    @property
    def answered(self) -> TownWrote | None:
        """The newest answer of an agent's on this page of the story."""
        sent = (each for each in reversed(self.story) if isinstance(each, TownWrote))
        return next((each for each in sent if each.purpose is Purpose.REPLY), None)

    @property
    def failed(self) -> TownWrote | None:
        """The newest answer, where it failed and nothing has made up for it."""
        return self.answered if self.answered is not None and self.answered.goes_instead else None

    def failed_at(self, address: Identifier) -> TownWrote | None:
        """Return the last message that left for an address, where it failed."""
        sent = (each for each in reversed(self.story) if isinstance(each, TownWrote))
        last = next((each for each in sent if each.left_for and is_same(each.left_for, address)), None)
        return last if last is not None and last.delivery == DeliveryState.FAILED else None

    @property
    def thumbnails(self) -> frozenset[tuple[MessageId, int]]:
        """The files that are shown small beside their messages: images, the newest ones first."""
        files = [file for moment in self.story if isinstance(moment, CitizenWrote | TownWrote) for file in moment.files]
        images = [(file.message_id, file.number) for file in files if file.kind == "image"]
        return frozenset(images[-MOST_THUMBNAILS:])

    @property
    def mapped(self) -> frozenset[MessageId]:
        """The messages whose places are drawn, the newest ones; of others the coordinates are said."""
        return newest_placed(self.story, MOST_MAPS)

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.row.state in OPEN_STATES

    @property
    def is_answered_here(self) -> bool:
        """Whether its reader may write an answer: one that they sign, or that somebody else does."""
        return CaseAct.ANSWER in self.acts
