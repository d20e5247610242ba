"""What a letter that cannot arrive needs to go another way: whether it may, and as what. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guichet.contracts.channels import UNWANTED, ChannelFacts
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import Identifier
from guichet.ids import MessageId, derive_id
from guichet.privacy.normal_form import comparable
from guichet.store.deliveries.document import ANOTHER_WAY, DeliveryDocument, is_due_by_law
from guichet.store.messages.document import MessageDocument
from notifier.domain.intents import THE_TOWNS_OWN

WAYS_AT_MOST: Final = 4  # of one receipt: whoever has more addresses than that is better asked by a person


@dataclass(frozen=True)
class Way:
    """A channel to an address, in its comparable form. A way that failed is not taken again."""

    channel: ChannelName
    address: str

    @classmethod
    def to(cls, address: Identifier, channel: ChannelName) -> "Way":
        """Return the way to an address by a channel."""
        return cls(channel, comparable(address))


def may_go_on(delivery: DeliveryDocument) -> bool:
    """Say whether what a delivery said may go another way: the law wants it there (docs/law.md 8), or it tells of a
    change, which nobody else does, to who has not said that they want to hear nothing (docs/decisions/0109, 0111); it
    did not arrive, and no second copy of it may have (docs/decisions/0029)."""
    has_failed = delivery.state is DeliveryState.FAILED and delivery.goes_on_as is None
    is_wanted_news = delivery.purpose is Purpose.CHANGE and delivery.reason not in UNWANTED
    return has_failed and (is_due_by_law(delivery) or is_wanted_news) and delivery.copies <= 1


def successor_id(failed: DeliveryDocument) -> MessageId:
    """Return the id of what goes in place of a delivery: the same however often it is asked for, so it goes once."""
    return MessageId(derive_id("another-way", failed.outbound_id))


def successor(
    failed: DeliveryDocument, onto: ChannelFacts, proof: MessageDocument, now: datetime, *, in_parts: bool
) -> DeliveryDocument:
    """Return what goes in place of a delivery, at once, to the author of a message, by a channel that writes first."""
    assert onto.lane is not None  # it carries letters itself
    is_answered_there = onto.name == proof.channel
    return DeliveryDocument(
        _id=successor_id(failed),
        case_id=failed.case_id,
        purpose=failed.purpose,
        channel=onto.name,
        lane=onto.lane,
        account=proof.accounts[0] if is_answered_there else THE_TOWNS_OWN,
        answers=failed.answers,
        reason=ANOTHER_WAY,
        requested_at=now,
        due_at=now,
        overdue_at=failed.overdue_at,
        changed_at=now,
        instead=proof.message_id,
        after=failed.outbound_id,
        in_parts=in_parts,
        acknowledgement=failed.acknowledgement,
        change=failed.change,
        unpublished=True,
        trace=failed.trace,
    )


def as_owed(instead: DeliveryDocument) -> DeliveryDocument:
    """Return what goes in place of a delivery as it was when it was owed, however far it has got since: that much is
    told of it first, again where that was cut short."""
    anew = {"state": DeliveryState.PENDING, "reason": ANOTHER_WAY, "changed_at": instead.requested_at}
    return instead.model_copy(update=anew)


def ways_before(failed: DeliveryDocument, of_case: list[DeliveryDocument]) -> list[DeliveryDocument]:
    """Return a delivery and those in whose place it went, newest first."""
    by_id, before, each = {known.outbound_id: known for known in of_case}, [failed], failed
    while each.after is not None and (former := by_id.get(each.after)) is not None and former not in before:
        before.append(former)
        each = former
    return before
