"""Which files are named by what lies on topics: messages, and what is put aside until an operator decides.

An id is looked for as text, so that a record of another version, or one that can no longer be read, still names its
files.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any, Final

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from guichet.batches import batched
from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS, DeadLetter
from guichet.contracts.topics import INBOUND, TOPICS, Topic
from guichet.errors import UnopenableError
from guichet.kafka.dead_letters.content import RECORD
from guichet.kafka.groupless.whole import read_whole
from guichet.runtime.settings import KafkaSettings
from guichet.vault.fields import living_keys
from guichet.vault.ports import KeyOpener

LETTERS_AT_ONCE: Final = 16
_ID: Final = re.compile(rb'"([0-9a-f]{32})"')


async def files_on_topics(
    kafka: KafkaSettings,
    vault: KeyOpener,
    files: Collection[str],
    inbound: Iterable[Topic[Any]] = INBOUND,
    topics: Iterable[Topic[Any]] = TOPICS,
) -> frozenset[str]:
    """Return which of these files a record, or what a dead letter holds of one, names in quotes.

    Messages, dead letters, then messages again: one that is given up and trimmed meanwhile is found among the letters,
    one that is replayed meanwhile among the messages. Raises TransientError, and UnopenableError where nobody can tell
    what a dead letter names.
    """
    messages, letters = [topic.name for topic in inbound], [topic.dead_letters for topic in topics]
    asked, found = frozenset(files), set[str]()
    for names in (messages, letters, messages):
        async for records in read_whole(kafka, names):
            for record in records:
                found |= _ids_in(record.value) & asked
            if names is letters:
                for some in batched(records, LETTERS_AT_ONCE):
                    found |= await _in_letters(some, vault) & asked
    return frozenset(found)


def _ids_in(value: bytes | None) -> set[str]:
    """A record without a value names nothing."""
    return {each.group(1).decode() for each in _ID.finditer(value or b"")}


async def _in_letters(records: Iterable[ConsumerRecord], vault: KeyOpener) -> set[str]:
    """Return the ids in what these dead letters hold. One whose key is destroyed can be replayed no more: none.

    Nor does a payload hold any: it is a provider's, and where the whole of it lies is told in clear. So none stops us
    by what a third party's host sealed as one.
    """
    found, letters = set[str](), [(record, letter) for record in records if (letter := _record_in(record))]
    keys = await living_keys(vault, (letter.record for _, letter in letters))
    for record, letter in letters:
        if letter.record.key_id in keys:
            try:
                content = RECORD.open(keys[letter.record.key_id], letter.event_id, letter.record)
            except (UnopenableError, ValidationError) as exc:  # or of another version
                raise _unreadable(record) from exc
            found |= _ids_in(content.value)
    return found


def _record_in(record: ConsumerRecord) -> DeadLetter | None:
    """Return the dead letter of a record; None for a payload's, an operator's decision, or no value."""
    if record.value is None:
        return None
    try:
        event = DEAD_LETTER_EVENTS.validate_json(record.value)
    except ValidationError as exc:
        raise _unreadable(record) from exc
    return event if isinstance(event, DeadLetter) and event.partition is not None else None


def _unreadable(record: ConsumerRecord) -> UnopenableError:
    where = f"{record.topic}, offset {record.offset}"
    return UnopenableError(f"a dead letter cannot be read, and might name any file: {where}")
