"""What a document of `deliveries` holds: one message that the town owes a citizen, and how far it got. Ids only.

A delivery is its own outbox: a change of state sets `unpublished`, and the event's id depends on the state alone, where
it waits also on since when.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, Field

from guichet.contracts.abuse import AbuseGround
from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.base import Contract
from guichet.contracts.channels import GATHERED
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose, Settlement
from guichet.contracts.inbound import ChannelName
from guichet.ids import CaseId, DepartmentId, EventId, MessageId, event_id

RANK: Final = {
    DeliveryState.PENDING: 0,
    DeliveryState.UNKNOWN: 0,
    DeliveryState.SENT: 1,
    DeliveryState.FAILED: 2,
    DeliveryState.DELIVERED: 3,  # above failed: what arrived has arrived, in whatever order the reports come
    DeliveryState.READ: 4,
    DeliveryState.WITHHELD: 5,
}
"""A delivery only ever moves to a state of higher rank."""

OPEN: Final = (DeliveryState.PENDING, DeliveryState.UNKNOWN)  # a sender still has to do something
NOT_LEFT: Final = (*OPEN, DeliveryState.FAILED)  # withheld is not among them: there, nothing is owed
CAP_REACHED: Final = "cap-reached"  # it waits: no cap of its account has room for it
MAIL_INSTEAD: Final = "mail-instead"  # it goes by mail: no cap of its account had room for it, or its number is barred
ANOTHER_WAY: Final = "another-way"  # it goes instead of one that failed, to another proven address of the citizen
BY_TEMPLATE: Final = "by-template"  # sent: a fixed message of its provider's, which leads to the page that has it all
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)  # due only once an agent says so
LEFT: Final = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
LEGAL_RECEIPTS: Final = (Purpose.AEE, Purpose.ARE)
"""What the law has leave within a delay, whoever is away (docs/law.md 8)."""
SETTLED_AS: Final = {
    Settlement.RECEIVED: DeliveryState.DELIVERED,
    Settlement.SEND_AGAIN: DeliveryState.PENDING,
    Settlement.POSTED: DeliveryState.SENT,
}
"""How a case shows what an agent has settled."""


class AbuseNotice(Contract):
    """What a sender is told whose messages an agent declared abusive."""

    ground: AbuseGround
    until: AwareDatetime


class ChangeKind(StrEnum):
    """What became of a case."""

    CLOSED = "closed"
    REOPENED = "reopened"
    REROUTED = "rerouted"  # another department has it
    STEP = "step"  # a step of its workflow began, with the town's own words


class Change(Contract):
    """What a citizen is written to about. department: whose the case was by then.

    before: of a case that was handed over, whose it had been. version: that of the case's event. step: of a STEP, which
    began; workflow: the version of the steps whose words it has.
    """

    kind: ChangeKind
    department: DepartmentId
    before: DepartmentId | None = None
    version: int = 0
    step: str | None = None
    workflow: str | None = None


@dataclass(frozen=True)
class Redirection:
    """How a delivery goes. instead, mail_refused: see DeliveryDocument; without `instead`: on the channel of the
    message that it answers."""

    channel: ChannelName
    lane: str
    account: str
    instead: MessageId | None
    mail_refused: bool = False


class DeliveryDocument(Contract):
    """The intent to send one message. answers: the citizen's message whose sender is written to."""

    outbound_id: MessageId = Field(alias="_id")
    case_id: CaseId
    purpose: Purpose
    channel: ChannelName
    lane: str  # which provider account sends it
    account: str  # the town's address it is sent from
    answers: MessageId
    state: DeliveryState = DeliveryState.PENDING
    reason: str | None = None  # kebab-case code: why it is withheld, failed, unknown or waits; of one that left: how
    requested_at: AwareDatetime
    due_at: AwareDatetime  # not to be tried before
    overdue_at: AwareDatetime | None = None  # end of the next working day for a legal receipt
    changed_at: AwareDatetime
    attempts: int = 0  # how often a sender took it up
    held_by: str | None = None  # the sender's token, while one tries
    held_until: AwareDatetime | None = None  # when its lease ends, by the store's own clock
    unsettled_since: AwareDatetime | None = None  # start of the oldest send whose outcome is not known
    copies: int = 0  # sends that began and are not known to have been in vain: so many may have reached the citizen
    tried_for: int = 0  # seconds during which the provider, asked again and again, has put it off
    put_off_at: AwareDatetime | None = None  # when it last did
    bugs: int = 0  # attempts that ended in a bug of ours
    undecided_since: AwareDatetime | None = None  # since when it is unknown for good
    decisions: tuple[EventId, ...] = ()  # what agents decided about it while it was undecided, by their events
    provider_id: str | None = None
    instead: MessageId | None = None  # a mail whose author gets it, the same citizen, where a cap had no room for it
    mail_refused: bool = False  # it went to such an author, and their mail server would not have it: it does not again
    after: MessageId | None = None  # the delivery that failed, in place of which this one goes; `instead` says to whom
    goes_on_as: MessageId | None = None  # of one that failed: the delivery that goes in its place
    in_parts: bool = False  # an answer, or an acknowledgement, that goes whole, in as many messages as it needs
    parts_sent: int = 0  # how many of them have left; the others follow
    to_chosen: bool = False  # to the address that its agent chose, which lies sealed beside its words
    notice: AbuseNotice | None = None  # of purpose ABUSE; it goes to the author, not where answers go
    acknowledgement: Acknowledgement | None = None  # of purpose ARE
    change: Change | None = None  # of purpose CHANGE
    closes: bool = False  # an answer behind which the case is closed: it says so
    unpublished: bool = False
    trace: str | None = None  # of the event that asked for it (guichet.runtime.telemetry.tracing)


def gathered(lane: str) -> str:
    """Return where a lane's receipts wait that leave together with others of their recipient."""
    return f"{lane}{GATHERED}"


def once_gathered(lane: str) -> str:
    """Return the lane itself: what has left is no longer told apart."""
    return lane.removesuffix(GATHERED)


def is_due_by_law(delivery: DeliveryDocument) -> bool:
    """Say whether the law sets a date by which it must have left (docs/law.md 8)."""
    return delivery.purpose in LEGAL_RECEIPTS and delivery.overdue_at is not None


def lower_than(state: DeliveryState) -> tuple[DeliveryState, ...]:
    """Return the states that may move to `state`."""
    return tuple(each for each, rank in RANK.items() if rank < RANK[state])


def further(state: DeliveryState, known: DeliveryState) -> DeliveryState:
    """Return which of two states a delivery has got to, in whatever order they are told; of equals, `state`."""
    return state if RANK[state] >= RANK[known] else known


def held_copy(before: DeliveryDocument, token: str) -> DeliveryDocument:
    """Return the delivery as its sender holds it; it tells of sends before this one only."""
    return before.model_copy(update={"held_by": token, "attempts": before.attempts + 1})


def changed_event(delivery: DeliveryDocument) -> DeliveryChanged:
    """Return the event of the state that the delivery is in, the same at every call."""
    return DeliveryChanged(
        event_id=event_id(_state_of(delivery), "DeliveryChanged"),
        occurred_at=delivery.changed_at,
        outbound_id=delivery.outbound_id,
        case_id=delivery.case_id,
        purpose=delivery.purpose,
        channel=delivery.channel,
        state=delivery.state,
        reason=delivery.reason,
        undecided=delivery.undecided_since is not None,
        goes_another_way=delivery.goes_on_as is not None and delivery.state is DeliveryState.FAILED,
    )


def _state_of(delivery: DeliveryDocument) -> str:
    """Name the state among all that the delivery can reach: a doubt for good is another than a doubt, what an agent has
    sent again goes through the same states anew, and waiting for one reason is not waiting for another, nor for that
    one once more: a letter may go by mail and come back."""
    again = (str(len(delivery.decisions)),) if delivery.decisions else ()
    for_good = ("undecided",) if delivery.undecided_since else ()
    is_waiting = delivery.state is DeliveryState.PENDING and delivery.reason is not None
    waits = (f"{delivery.reason}", delivery.changed_at.isoformat()) if is_waiting else ()
    return ":".join((delivery.outbound_id, delivery.state, *again, *for_good, *waits))
