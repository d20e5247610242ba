"""Dead letters, opened in memory to see whose they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError
from pydantic_core import from_json

from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS, DeadLetter, DeadLetterContent, PayloadGivenUp
from guichet.contracts.inbound import MessageReceived
from guichet.errors import ErasedError, UnopenableError
from guichet.ids import KeyId
from guichet.kafka.dead_letters.content import RECORD
from guichet.store.documents import Document
from guichet.vault.fields import Keys

log = structlog.get_logger()

_GIVEN_UP: Final = f'"{PayloadGivenUp.__name__}"'.encode()


@dataclass(frozen=True)
class OpenedLetter:
    """A dead letter; content: None where it does not open."""

    letter: DeadLetter
    content: DeadLetterContent | None = field(repr=False)

    @property
    def event(self) -> Document:
        """The record's event as JSON, with the message's id that the letter bears in clear; empty where unreadable."""
        inside = _json(self.content.value) if self.content is not None else {}
        return {"message_id": self.letter.message_id, **inside} if self.letter.message_id else inside

    @property
    def message(self) -> MessageReceived | None:
        """The citizen's message that lies in it, where it can be read."""
        try:
            return MessageReceived.model_validate_json(self.content.value) if self.content is not None else None
        except ValidationError:
            return None

    @property
    def given_up(self) -> DeadLetter | None:
        """The dead letter that lies in it: of a record by which a host gave a payload up, and was not believed."""
        return _given_up(self.content.value, self.letter.topic) if self.content is not None else None

    @property
    def keys(self) -> frozenset[KeyId]:
        """What the letter and its file are sealed under, and the message in it."""
        message, aside = self.message, self.letter.aside
        return frozenset(
            (
                self.letter.record.key_id,
                *((aside.key_id,) if aside else ()),
                *((message.content.key_id,) if message else ()),
            )
        )

    @property
    def objects(self) -> frozenset[str]:
        """Its files: the payload's whole, the attachments of the message in it."""
        message, aside = self.message, self.letter.aside
        files = (each.attachment_id for each in message.attachments) if message else ()
        return frozenset((*files, *((aside.object_id,) if aside else ())))


def letters_in(records: Iterable[ConsumerRecord]) -> list[DeadLetter]:
    """Return the dead letters among these records of a `-dlq`, decided upon or not: what is sealed in them stays."""
    found = []
    for record in records:
        try:
            event = DEAD_LETTER_EVENTS.validate_json(record.value or b"")
        except ValidationError:
            continue  # guichet.kafka.dead_letters.index says so, and keeps it
        if isinstance(event, DeadLetter):
            found.append(event)
    return found


def given_up_in(records: Iterable[ConsumerRecord]) -> list[DeadLetter]:
    """Return the dead letters that are on their way: records of a topic by which hosts give payloads up."""
    letters = (_given_up(record.value or b"", record.topic) for record in records)
    return [letter for letter in letters if letter is not None]


def _given_up(value: bytes, topic: str) -> DeadLetter | None:
    """Read one; None for anything else. Nearly all of what lies on these topics need not be parsed for it."""
    if _GIVEN_UP not in value:
        return None
    try:
        given_up = PayloadGivenUp.model_validate_json(value)
    except ValidationError:
        return None  # what is no event of its topic lies in the dead letters too, where it is judged
    return given_up.as_letter(topic, given_up.occurred_at)


def opened(letter: DeadLetter, keys: Keys) -> OpenedLetter:
    """Open one, as far as it opens."""
    try:
        return OpenedLetter(letter, RECORD.on(letter.event_id, letter.record).open(keys))
    except ErasedError:
        return OpenedLetter(letter, None)
    except UnopenableError as exc:  # what it says in clear still counts; the erasure of others must not stop at it
        log.error("dead letter does not open", dead_letter=letter.event_id, why=str(exc))
        return OpenedLetter(letter, None)
    except ValidationError:  # nor at what a third party's host sealed there that is no content
        log.error("dead letter holds none", dead_letter=letter.event_id)
        return OpenedLetter(letter, None)


def _json(value: bytes) -> dict[str, Any]:
    """Read as strictly as an event is read: without text that is no Unicode, nor what lies too deep."""
    try:
        read = from_json(value)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
