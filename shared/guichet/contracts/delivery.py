"""What becomes of outbound messages: providers' reports in, our own account of them out."""

import re
from enum import StrEnum
from typing import Final, Literal

from guichet.contracts.base import Event
from guichet.contracts.inbound import ChannelName
from guichet.ids import CaseId, MessageId

OWN_MAIL_HEADER: Final = "X-Guichet-Message"
"""The notifier marks the town's mails with it; ingest-email knows by it one that comes back, and answers none."""
_OWN_MAIL_ID: Final = re.compile(r"<?[0-9a-f]{32}@(?P<domain>[^>\s]+)>?", re.IGNORECASE)


class DeliveryState(StrEnum):
    """How far an outbound message got; a later report never takes it back (rank in guichet.store.deliveries)."""

    PENDING = "pending"
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    WITHHELD = "withheld"  # not sent on purpose, reason recorded
    UNKNOWN = "unknown"  # the provider's answer was lost; settled later, or decided by an agent (`undecided`)


class Purpose(StrEnum):
    """What an outbound message is for."""

    AEE = "AEE"  # accusé d'enregistrement électronique
    ARE = "ARE"  # accusé de réception électronique
    REPLY = "reply"
    LINK = "link"  # a new link to the follow page, which the citizen asked for
    CHANGE = "change"  # that the case is closed, open again or another department's
    ABUSE = "abuse"  # that an agent declared the sender's messages abusive, why, until when and how to contest it


class Settlement(StrEnum):
    """What an agent says of a message of which nobody else will learn whether it left: of an answer on paper, that it
    was posted."""

    RECEIVED = "received"  # the citizen says so
    SEND_AGAIN = "send-again"
    POSTED = "posted"  # an answer that goes by no electronic way, printed and given to the post


class DeliveryReported(Event):
    """A provider's status callback. Topic key: the outbound id, which the callback URL carries."""

    type: Literal["DeliveryReported"] = "DeliveryReported"
    outbound_id: MessageId
    channel: ChannelName
    provider_id: str  # Twilio's MessageSid …
    status: str  # the provider's own word; its channel's facts translate it
    error_code: str | None = None


class DeliveryChanged(Event):
    """An outbound message reached a new state. Topic key: the case id."""

    type: Literal["DeliveryChanged"] = "DeliveryChanged"
    outbound_id: MessageId
    case_id: CaseId
    purpose: Purpose
    channel: ChannelName
    state: DeliveryState
    reason: str | None = None  # kebab-case code when withheld or failed
    undecided: bool = False  # unknown for good: nobody will learn it by themselves, so an agent says what holds
    goes_another_way: bool = False  # failed, and what it said leaves in a message of its own by another way


def mail_message_id(outbound_id: MessageId, domain: str) -> str:
    """Return the Message-ID of an outbound mail, without brackets: the same at every attempt.

    The router files it as an anchor before the mail is sent, so that an answer to it finds its case.
    """
    return f"{outbound_id}@{domain}"


def is_own_mail_id(message_id: str, domain: str) -> bool:
    """Say whether a Message-ID, with brackets or without, is one that `mail_message_id` makes for this domain."""
    found = _OWN_MAIL_ID.fullmatch(message_id.strip())
    return found is not None and found["domain"].lower() == domain.lower()
