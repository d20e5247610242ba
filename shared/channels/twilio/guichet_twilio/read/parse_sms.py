"""Understand one incoming SMS or WhatsApp message. Pure: a form in, a draft and where its files lie out.

Source: twilio.com/docs/messaging/guides/webhook-request; captures in tests/fixtures/.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from mimetypes import guess_extension

from guichet.channel.content_types import known_content_type
from guichet.channel.date_of_receipt import DateOfReceipt, date_of_receipt
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.text import clean_text
from guichet.contracts.inbound import ChannelName, DateSource
from guichet.contracts.inbound_content import PHONE_NUMBER, Identifier, InboundContent, Location
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet.privacy.normal_form import comparable

WHATSAPP = "whatsapp:"
TAKEN_AT = "DateCreated"  # ISO 8601, in the forms that are made of Twilio's list alone
ORIGINAL = "message-original.txt"
MOST_FILES = 10  # Twilio's own limit

NameMessage = Callable[[ChannelName, str, str], MessageId]
"""Gives the id of a message from channel, the town's number and Twilio's id; see guichet.channel.lent.Host."""


@dataclass(frozen=True)
class TwilioFile:
    """Where a file lies at Twilio: path and query under the API's address. name: what it is filed as.

    path: None where Twilio counts a file and does not say where it is.
    """

    path: str | None
    name: str
    content_type: str


@dataclass(frozen=True)
class IncomingSms:
    """A message, its files still at Twilio."""

    draft: Draft
    media: tuple[TwilioFile, ...]


def parse_sms(form: Mapping[str, str], *, name: NameMessage, arrived_at: datetime) -> IncomingSms:
    """Return what a citizen sent. arrived_at: at our edge.

    Raises PermanentError when sender, recipient or Twilio's own id is missing, or the channel is none of ours.
    """
    channel, sender = read_address(form.get("From", ""))
    _, account = read_address(form.get("To", ""))
    identifier = Identifier(kind=PHONE_NUMBER, value=sender)
    draft = Draft(
        channel=channel,
        accounts=(account,),
        message_id=name(channel, account, form.get("MessageSid", "")),
        content=InboundContent(
            sender=(identifier,),
            display_name=clean_text(form.get("ProfileName", "")) or None,
            text=_text(form),
            conversation=sender,
            location=_location(form),
        ),
        received_at=arrived_at,
        sender_key_value=comparable(identifier),
    ).dated(_receipt(form, arrived_at))
    return IncomingSms(draft, tuple(_media(form)))


def salvage_sms(body: bytes, form: Mapping[str, str], *, name: NameMessage, arrived_at: datetime) -> Draft:
    """Return who wrote to which number, and what came as a file, of a message that cannot be read.

    One that Twilio gave no id is told apart by its arrival: taken in twice rather than lost. Raises PermanentError as
    parse_sms does for its addresses.
    """
    channel, sender = read_address(form.get("From", ""))
    _, account = read_address(form.get("To", ""))
    identifier = Identifier(kind=PHONE_NUMBER, value=sender)
    provider_id = form.get("MessageSid", "").strip() or f"{arrived_at.isoformat()} {hashlib.sha256(body).hexdigest()}"
    return Draft(
        channel=channel,
        accounts=(account,),
        message_id=name(channel, account, provider_id),
        content=InboundContent(sender=(identifier,), text=""),
        received_at=arrived_at,
        sender_key_value=comparable(identifier),
        files=(DraftFile(ORIGINAL, "text/plain", body),),
    ).dated(_receipt(form, arrived_at))


def read_address(address: str) -> tuple[ChannelName, str]:
    """Tell SMS from WhatsApp: `+33…` or `whatsapp:+33…`. Raises PermanentError for nothing, and for another channel."""
    cleaned = clean_text(address).strip()
    number = cleaned.removeprefix(WHATSAPP)
    if not number:
        raise PermanentError("a message without sender or recipient", reason="unreadable")
    if ":" in number:
        raise PermanentError("a channel of Twilio's that Guichet does not take", reason="unknown-channel")
    return ("sms" if number == cleaned else "whatsapp"), number


def _receipt(form: Mapping[str, str], arrived_at: datetime) -> DateOfReceipt:
    """Return when the town received it: when Twilio did, which its list tells and its webhook does not."""
    return date_of_receipt(arrived_at, _moment(form.get(TAKEN_AT, "")), DateSource.PROVIDER)


def _moment(written: str) -> datetime | None:
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(written)
        return moment.astimezone(UTC) if moment.tzinfo else None
    return None


def _text(form: Mapping[str, str]) -> str:
    said = (form.get("Body", ""), form.get("Label", ""), form.get("Address", ""))
    return clean_text("\n".join(part for part in said if part))


def _location(form: Mapping[str, str]) -> Location | None:
    try:
        location = Location(latitude=float(form["Latitude"]), longitude=float(form["Longitude"]))
    except (KeyError, ValueError):
        return None
    return location if math.isfinite(location.latitude) and math.isfinite(location.longitude) else None


def _media(form: Mapping[str, str]) -> Iterator[TwilioFile]:
    for number in range(MOST_FILES):
        url = form.get(f"MediaUrl{number}")
        if url or number < _counted(form):
            kind = known_content_type(form.get(f"MediaContentType{number}"))
            path = _path_of(url) if url else None
            yield TwilioFile(path, f"fichier-{number + 1}{guess_extension(kind) or '.bin'}", kind)


def _counted(form: Mapping[str, str]) -> int:
    counted = form.get("NumMedia", "")
    return int(counted) if counted.isascii() and counted.isdigit() and len(counted) < 3 else 0


def _path_of(url: str) -> str:
    """Drop the host: our credentials go to the configured API and to no address that a form names."""
    _, _, rest = url.partition("://")
    return "/" + clean_text(rest if "://" in url else url).partition("/")[2]
