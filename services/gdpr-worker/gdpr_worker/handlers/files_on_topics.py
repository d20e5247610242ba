"""Which files are named by what lies on topics: messages, and what is put aside until an operator decides.

An id is looked for as text, so that a record of another version, or one that can no longer be read, still names its
files.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import ValidationError

from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS, DeadLetter
from guichet.contracts.topics import INBOUND, TOPICS, Topic
from guichet.errors import UnopenableError
from guichet.kafka.dead_letters.content import RECORD
from guichet.kafka.groupless.whole import read_whole
from guichet.runtime.settings import KafkaSettings
from guichet.vault.fields import living_keys
from guichet.vault.ports import KeyOpener

_ID: Final = re.compile(rb'"([0-9a-f]{32})"')


async def files_on_topics(
    kafka: KafkaSettings,
    vault: KeyOpener,
    inbound: Iterable[Topic[Any]] = INBOUND,
    topics: Iterable[Topic[Any]] = TOPICS,
) -> frozenset[str]:
    """Return every id that a record, or what a dead letter holds of one, has in quotes: files are among them.

    Messages, dead letters, then messages again: one that is given up and trimmed meanwhile is found among the letters,
    one that is replayed meanwhile among the messages. Raises TransientError, and UnopenableError where nobody can tell
    what a dead letter names.
    """
    messages, letters = [topic.name for topic in inbound], [topic.dead_letters for topic in topics]
    found = set[str]()
    for names in (messages, letters, messages):
        async for records in read_whole(kafka, names):
            values = [record.value or b"" for record in records]
            found |= _ids_in(values)
            if names is letters:
                found |= _ids_in(await _opened(values, vault))
    return frozenset(found)


def _ids_in(values: Iterable[bytes]) -> set[str]:
    return {each.decode() for value in values for each in _ID.findall(value)}


async def _opened(values: Iterable[bytes], vault: KeyOpener) -> list[bytes]:
    """Return the records in these dead letters; one whose key is destroyed can be replayed no more, and names none."""
    try:
        events = map(DEAD_LETTER_EVENTS.validate_json, values)
        letters = [event for event in events if isinstance(event, DeadLetter)]
        keys = await living_keys(vault, (letter.record for letter in letters))
        return [
            RECORD.open(keys[letter.record.key_id], letter.event_id, letter.record).value
            for letter in letters
            if letter.record.key_id in keys
        ]
    except ValidationError as exc:
        raise UnopenableError("a dead letter cannot be read: nobody knows which files it names") from exc
