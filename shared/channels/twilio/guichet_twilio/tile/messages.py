"""Twilio's Message resource: kept, found and listed as the provider's API does.

Source: twilio.com/docs/messaging/api/message-resource.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from citizen_sandbox.play.bounded import MAX_ITEMS, Bounded
from citizen_sandbox.play.clock import now
from citizen_sandbox.play.entry import Attachment

API_VERSION = "2010-04-01"


def fresh_sid(prefix: str) -> str:
    """Return an identifier shaped as Twilio's: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


def _this_second() -> datetime:
    return now().replace(microsecond=0)  # RFC 2822 dates know no fraction


@dataclass
class TwilioMessage:
    """A message in or out. sender, recipient: E.164 numbers or `whatsapp:+…`. template: the ContentSid whose words it
    is; empty: it is free."""

    account_sid: str
    sender: str
    recipient: str
    body: str
    direction: str
    status: str
    media: dict[str, Attachment] = field(default_factory=dict)
    sid: str = ""
    status_callback: str = ""
    template: str = ""
    error_code: int | None = None
    created: datetime = field(default_factory=_this_second)
    updated: datetime = field(default_factory=_this_second)

    def __post_init__(self) -> None:
        self.sid = self.sid or fresh_sid("MM" if self.media else "SM")

    @property
    def segments(self) -> int:
        """How many SMS the body fills, counted in UCS-2, the dearer of the two alphabets."""
        return max(1, -(-len(self.body) // 67)) if len(self.body) > 70 else 1

    @property
    def uri(self) -> str:
        """The resource's own address, relative to Twilio's API."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json"

    def move_to(self, status: str, error_code: int | None = None) -> None:
        """Change the status, as the network reports it."""
        self.status, self.error_code, self.updated = status, error_code, _this_second()

    def to_json(self) -> dict[str, Any]:
        """Return the resource as the API shows it."""
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.created),
            "date_updated": format_datetime(self.updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": str(len(self.media)),
            "num_segments": str(self.segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": self.uri.replace(".json", "/Media.json")},
            "to": self.recipient,
            "uri": self.uri,
        }

    def media_json(self, media_sid: str) -> dict[str, Any]:
        """Return one Media resource of the message."""
        return {
            "account_sid": self.account_sid,
            "content_type": self.media[media_sid].media_type,
            "date_created": format_datetime(self.created),
            "date_updated": format_datetime(self.created),
            "parent_sid": self.sid,
            "sid": media_sid,
            "uri": self.uri.replace(".json", f"/Media/{media_sid}.json"),
        }


@dataclass(frozen=True)
class ListFilter:
    """What a listing asks for. Both dates belong to the span."""

    sender: str = ""
    recipient: str = ""
    sent_from: datetime | None = None
    sent_until: datetime | None = None

    def has(self, message: TwilioMessage) -> bool:
        """Say whether the message belongs into the listing."""
        return (
            self.sender in ("", message.sender)
            and self.recipient in ("", message.recipient)
            and (self.sent_from is None or message.created >= self.sent_from)
            and (self.sent_until is None or message.created <= self.sent_until)
        )


class TwilioMessages:
    """The account's messages, the newest `max_items`."""

    def __init__(self, max_items: int = MAX_ITEMS) -> None:
        self._messages: Bounded[TwilioMessage] = Bounded(
            lambda message: len(message.body) + sum(file.size for file in message.media.values()), max_items=max_items
        )

    def add(self, message: TwilioMessage) -> TwilioMessage:
        """Keep a message."""
        self._messages.add(message.sid, message)
        return message

    def find(self, sid: str) -> TwilioMessage | None:
        """Return the message of that sid, or None."""
        return self._messages.find(sid)

    def newest_first(self, wanted: ListFilter) -> list[TwilioMessage]:
        """Return what the filter lets through, in Twilio's order."""
        return [message for message in reversed(list(self._messages)) if wanted.has(message)]

    def media(self, media_sid: str) -> Attachment | None:
        """Return the file of that sid, whichever message holds it, or None."""
        holders = (message for message in self._messages if media_sid in message.media)
        holder = next(holders, None)
        return holder.media[media_sid] if holder else None

    def clear(self) -> None:
        """Forget every message."""
        self._messages.clear()
