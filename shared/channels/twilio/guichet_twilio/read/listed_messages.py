"""Twilio does not repeat a webhook that we refused: its own list tells what we missed. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from guichet.channel.catch_up_rounds import SentMessage
from guichet.contracts.delivery import DeliveryState
from guichet_twilio.facts import SMS
from guichet_twilio.read.parse_sms import TAKEN_AT

# The words that end a message; those before them say nothing that the notifier does not know from sending it.
ENDED: Final = {word: state for word, state in SMS.statuses.items() if state is not DeliveryState.SENT}


@dataclass(frozen=True)
class Span:
    """From when to when the list is looked through, both aware UTC and both within."""

    after: datetime
    before: datetime

    def has(self, moment: datetime) -> bool:
        """Return whether a moment lies in it."""
        return self.after <= moment <= self.before


@dataclass(frozen=True)
class ListedMessage:
    """A message as Twilio's list shows it. files: how many it brings.

    created: when Twilio received it, from us or for us; updated: when its status last changed. Aware UTC.
    """

    sid: str
    direction: str
    status: str
    error_code: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    body: str = field(repr=False)
    created: datetime
    updated: datetime
    files: int = 0


def received_in(listed: Iterable[ListedMessage], span: Span) -> list[ListedMessage]:
    """Return what citizens sent within the span, oldest first. What came later is left to the webhook."""
    due = (each for each in listed if each.direction == "inbound" and span.has(each.created))
    return sorted(due, key=lambda each: each.created)


def ended_in(listed: Iterable[ListedMessage], span: Span) -> list[ListedMessage]:
    """Return which of the town's messages got to their end within the span, whenever they were sent."""
    return [
        each
        for each in listed
        if each.direction.startswith("outbound") and each.status in ENDED and span.has(each.updated)
    ]


def reached(span: Span, told: Iterable[datetime]) -> datetime:
    """Return up to when a list has been looked through: within the span, as far as the list's own dates go.

    By no clock of ours: one that runs ahead names a time up to which nothing can have been listed yet, and whoever
    looks once that time is past would begin there.
    """
    return min(max([span.after, *told]), span.before)


def untold(
    ended: Iterable[ListedMessage], sent: Mapping[str, SentMessage]
) -> Iterator[tuple[ListedMessage, SentMessage]]:
    """Yield those whose end nobody here was told of. sent: what the town's own deliveries say, by Twilio's id.

    A message that is not among them was sent by somebody else who uses the account.
    """
    for message in ended:
        known = sent.get(message.sid)
        if known is not None and known.may_become(ENDED[message.status]):
            yield message, known


def as_form(message: ListedMessage, media: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return the form that the webhook would have brought, so that both ways read it alike, and when Twilio took it.

    media: address and content type of each file.
    """
    fields = {
        "MessageSid": message.sid,
        "From": message.sender,
        "To": message.recipient,
        "Body": message.body,
        "NumMedia": str(message.files),
        TAKEN_AT: message.created.isoformat(),
    }
    for number, (url, content_type) in enumerate(media):
        fields |= {f"MediaUrl{number}": url, f"MediaContentType{number}": content_type}
    return urlencode(fields).encode()


def as_status_form(message: ListedMessage) -> bytes:
    """Return the form that the status callback would have brought."""
    fields = {"MessageSid": message.sid, "MessageStatus": message.status, "To": message.recipient}
    return urlencode(fields | ({"ErrorCode": message.error_code} if message.error_code else {})).encode()
