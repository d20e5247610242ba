"""Twilio does not repeat a webhook that we refused: its own list tells what we missed. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode


@dataclass(frozen=True)
class ListedMessage:
    """A message as Twilio's list shows it. created: when Twilio received it, aware UTC. files: how many it brings."""

    sid: str
    direction: str
    sender: str = field(repr=False)
    recipient: str
    body: str = field(repr=False)
    created: datetime
    files: int = 0


def missed(listed: Iterable[ListedMessage], is_safe: Callable[[str], bool], *, before: datetime) -> list[ListedMessage]:
    """Return what to take in, oldest first. before: what came later is left to the webhook.

    After a restart nothing is known to be safe, and all of the window comes once more: its ids are the same.
    """
    due = (each for each in listed if each.direction == "inbound" and each.created <= before)
    return sorted((each for each in due if not is_safe(each.sid)), key=lambda each: each.created)


def as_form(message: ListedMessage, media: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return the form that the webhook would have brought, so that both ways read it alike.

    media: address and content type of each file.
    """
    fields = {
        "MessageSid": message.sid,
        "From": message.sender,
        "To": message.recipient,
        "Body": message.body,
        "NumMedia": str(message.files),
    }
    for place, (url, content_type) in enumerate(media):
        fields |= {f"MediaUrl{place}": url, f"MediaContentType{place}": content_type}
    return urlencode(fields).encode()
