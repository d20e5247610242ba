"""Twilio does not repeat a webhook that we refused: its own list tells what we missed. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

GRACE = timedelta(minutes=1)  # what is younger may be at the webhook this very moment


@dataclass(frozen=True)
class ListedMessage:
    """A message as Twilio's list shows it. created: when Twilio received it, aware UTC. media: (url, content type)."""

    sid: str
    direction: str
    sender: str = field(repr=False)
    recipient: str
    body: str = field(repr=False)
    created: datetime
    media: tuple[tuple[str, str], ...] = ()


def missed(listed: Iterable[ListedMessage], is_safe: Callable[[str], bool], now: datetime) -> list[ListedMessage]:
    """Return what to take in now, oldest first.

    After a restart nothing is known to be safe, and all of the window comes once more: its ids are the same.
    """
    due = (each for each in listed if each.direction == "inbound" and each.created <= now - GRACE)
    return sorted((each for each in due if not is_safe(each.sid)), key=lambda each: each.created)


def as_form(message: ListedMessage) -> bytes:
    """Return the form that the webhook would have brought, so that both ways read it alike."""
    fields = {
        "MessageSid": message.sid,
        "From": message.sender,
        "To": message.recipient,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
    }
    for place, (url, content_type) in enumerate(message.media):
        fields |= {f"MediaUrl{place}": url, f"MediaContentType{place}": content_type}
    return urlencode(fields).encode()
