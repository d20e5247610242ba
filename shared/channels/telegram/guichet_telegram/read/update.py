"""Understand one update of Telegram's, by python-telegram-bot's types. Pure.

Source: core.telegram.org/bots/api#update; captures in tests/fixtures/.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import Message, Update

from guichet.channel.date_of_receipt import DateOfReceipt, date_of_receipt
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.text import clean_text
from guichet.contracts.inbound import ChannelName, DateSource
from guichet.contracts.inbound_content import Identifier, InboundContent, Location
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet.privacy.normal_form import comparable
from guichet_telegram.read.files import TelegramFile, files_of

Name = Callable[[ChannelName, str, str], MessageId]
"""Gives the id of a message that Telegram names: channel, account, Telegram's own id (Host.message_id)."""

ORIGINAL = "message-original.json"
START = "/start"  # what the app itself sends when a citizen opens the chat: no words of theirs


@dataclass(frozen=True)
class IncomingTelegram:
    """A message, its files still at Telegram."""

    draft: Draft
    files: tuple[TelegramFile, ...]


@dataclass(frozen=True)
class Ignored:
    """An update that holds no message to the town. kind: a code for the metrics, never the update's own words."""

    kind: str


def parse_update(body: bytes, *, bot: str, name: Name, arrived_at: datetime) -> IncomingTelegram | Ignored:
    """Return what a citizen sent or corrected, or why there is nothing to file.

    bot: the bot's numeric id, the receiving account. arrived_at: at our edge; the town received it when Telegram did.
    Raises PermanentError for what is no update.
    """
    try:
        update = Update.de_json(json.loads(body), None)
        message = update.message or update.edited_message
        if message is None:
            return Ignored(_kind(update))
        if reason := _why_ignored(message, is_edit=update.message is None):
            return Ignored(reason)
        return _read(update, message, bot=bot, name=name, arrived_at=arrived_at)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError) as exc:
        raise PermanentError("not an update of Telegram's", reason="unreadable") from exc


def salvage_update(body: bytes, *, bot: str, name: Name, arrived_at: datetime) -> Draft:
    """Return who wrote, and what came as a file, of an update that cannot be read. See parse_update.

    Raises PermanentError where no message of a person's own chat is in it.
    """
    try:
        update = json.loads(body)
        message = update.get("message") or update["edited_message"]
        sender, chat = message["from"]["id"], message["chat"]
        if chat["type"] != "private" or not isinstance(sender, int):
            raise ValueError
        ids = (chat["id"], message["message_id"], *([] if update.get("message") else [update["update_id"]]))
        named = name("telegram", bot, _numbered(*ids))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as exc:
        raise PermanentError("no message of a person in this update", reason="unreadable") from exc
    identifier = Identifier(kind="telegram", value=str(sender))
    return Draft(
        channel="telegram",
        accounts=(bot,),
        message_id=named,
        content=InboundContent(sender=(identifier,), text=""),
        received_at=arrived_at,
        sender_key_value=comparable(identifier),
        files=(DraftFile(ORIGINAL, "application/json", body),),
    ).dated(_receipt(arrived_at, _moment(message.get("edit_date") or message.get("date"))))


_SENDER = re.compile(rb'"from"\s*:\s*\{[^{}]*?"id"\s*:\s*(\d{1,20})\b')  # quotes in somebody's words are escaped


def senders_of(body: bytes) -> tuple[Identifier, ...]:
    """Return who sent an update that need not even be whole JSON; the first that is named: others are quoted later."""
    found = _SENDER.search(body)
    return (Identifier(kind="telegram", value=found[1].decode()),) if found else ()


def _kind(update: Update) -> str:
    return next((str(kind) for kind in Update.ALL_TYPES if update[kind] is not None), "unknown")


def _why_ignored(message: Message, *, is_edit: bool) -> str | None:
    """Groups are no counter; a live location that moves says nothing new."""
    if message.chat.type != "private" or message.from_user is None:
        return "group"
    if message.text == START:
        return "start"
    if is_edit and message.location is not None:
        return "live-location"
    return None if _text(message) or files_of(message) or message.location else "service"


def _read(update: Update, message: Message, *, bot: str, name: Name, arrived_at: datetime) -> IncomingTelegram:
    sender = message.from_user
    assert sender is not None  # _why_ignored
    identifier = Identifier(kind="telegram", value=str(sender.id))
    original = _original_id(message, bot, name)
    is_edit = update.message is None
    draft = Draft(
        channel="telegram",
        accounts=(bot,),
        message_id=_edit_id(update, message, bot, name) if is_edit else original,
        edits=original if is_edit else None,
        content=InboundContent(
            sender=(identifier,),
            display_name=clean_text(sender.full_name).strip() or None,
            text=_text(message),
            conversation=str(message.chat.id),
            location=_location(message),
            written_at=message.edit_date or message.date,
        ),
        received_at=arrived_at,
        sender_key_value=comparable(identifier),
    ).dated(_receipt(arrived_at, message.edit_date or message.date))
    return IncomingTelegram(draft, files_of(message))


def _receipt(arrived_at: datetime, taken_at: datetime | None) -> DateOfReceipt:
    return date_of_receipt(arrived_at, taken_at, DateSource.PROVIDER)


def _moment(seconds: object) -> datetime | None:
    """Return a time of Telegram's where nobody else has read it; None where it is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        return None
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(seconds, UTC)
    return None


def _original_id(message: Message, bot: str, name: Name) -> MessageId:
    """Telegram numbers messages per chat; an album's photos are messages of their own."""
    return name("telegram", bot, _numbered(message.chat.id, message.message_id))


def _edit_id(update: Update, message: Message, bot: str, name: Name) -> MessageId:
    """The update's number tells two edits of one second apart, and stays when the update is sent again."""
    edit = _numbered(message.chat.id, message.message_id, update.update_id)
    return name("telegram", bot, edit)


def _numbered(*numbers: object) -> str:
    """Join Telegram's numbers; blank where one is missing: python-telegram-bot does not check what it is given."""
    return ":".join(map(str, numbers)) if all(isinstance(number, int) for number in numbers) else ""


def _text(message: Message) -> str:
    return clean_text("\n".join(part for part in _words(message) if part))


def _words(message: Message) -> Iterator[str]:
    yield message.text or message.caption or ""
    if message.contact:
        contact = message.contact
        yield " ".join(filter(None, (contact.first_name, contact.last_name, contact.phone_number)))
    if message.venue:
        yield f"{message.venue.title}, {message.venue.address}"
    if message.poll:
        yield "\n".join((message.poll.question, *(f"- {option.text}" for option in message.poll.options)))
    if message.dice:
        yield message.dice.emoji


def _location(message: Message) -> Location | None:
    location = message.location
    return Location(latitude=location.latitude, longitude=location.longitude) if location else None
