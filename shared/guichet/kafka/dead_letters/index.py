"""The dead letters of every topic: which are open, what lies in one, back to its group or given up.

What an operator decides is an event on the same `-dlq` topic, so that whoever reads the broker knows what is open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Literal, Self

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import (
    DEAD_LETTER_EVENTS,
    DeadLetter,
    DeadLetterClosed,
    DeadLetterContent,
    dead_letter_topic,
    letter_id_of,
)
from guichet.contracts.topics import TOPICS, Topic
from guichet.errors import ErasedError, PermanentError, UnopenableError
from guichet.ids import AgentId, EventId, event_id
from guichet.kafka.admin.client import translated
from guichet.kafka.connection import client_options, stop_consumer
from guichet.kafka.dead_letters.content import RECORD
from guichet.kafka.produce.producer import Producer, Record
from guichet.kafka.records import ONLY_GROUP, REPLAY_OF
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.runtime.settings import KafkaSettings
from guichet.vault.fields import open_one
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()

_TIMEOUT: Final = timedelta(seconds=10)
Act = Literal["replayed", "dropped"]


@dataclass(frozen=True)
class IndexedLetter:
    """A dead letter and what became of it. offset: where it lies on its `-dlq`."""

    letter: DeadLetter
    offset: int
    closed: DeadLetterClosed | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it waits for a decision."""
        return self.closed is None

    @property
    def dead_letters(self) -> str:
        """The `-dlq` on which it belongs."""
        return dead_letter_topic(self.letter.topic)

    @property
    def has_the_id_of_its_offset(self) -> bool:
        """Return whether it is a record's: of another offset nobody can make a letter with this id."""
        letter = self.letter
        if letter.partition is None or letter.offset is None:
            return False
        return letter.event_id == letter_id_of(letter.group, letter.topic, letter.partition, letter.offset)


IndexedLetters = dict[EventId, IndexedLetter]


def apply(letters: IndexedLetters, event: DeadLetter | DeadLetterClosed, offset: int) -> None:
    """Apply one event of a `-dlq`, in its order there. A letter that comes again after a decision is open again."""
    if isinstance(event, DeadLetter):
        letters[event.event_id] = IndexedLetter(event, offset)
    elif event.dead_letter in letters:
        letters[event.dead_letter] = replace(letters[event.dead_letter], closed=event)


def lies_rightly(event: DeadLetter | DeadLetterClosed, on: str, letters: IndexedLetters) -> bool:
    """Return whether an event may be believed on the `-dlq` where it lies.

    Whoever may write on one has nothing to say about another's letters: they neither decide about one, nor put another
    in its place, nor have the operator replay something where they themselves may not write.
    """
    if isinstance(event, DeadLetterClosed):
        known = letters.get(event.dead_letter)
        return known is None or known.dead_letters == on
    indexed, known = IndexedLetter(event, 0), letters.get(event.event_id)
    if indexed.dead_letters != on:
        return False
    return known is None or known.dead_letters == on or indexed.has_the_id_of_its_offset


def _whole(letter: DeadLetter) -> DeadLetter:
    return letter


def without_record(letter: DeadLetter) -> DeadLetter:
    """Leave the sealed bytes out: there may be more of them than a process can hold."""
    return letter.model_copy(update={"record": Sealed.model_construct(key_id=letter.record.key_id, box=b"")})


class DeadLetterIndex:
    """Reads every `-dlq` from its beginning and stays up to date. An async context manager; raises TransientError.

    kept: what to remember of each: `without_record` in a process that lives long, or opens one at a time (`whole`).
    unreadable: by `-dlq`, the offset of the first record that this version cannot read; nobody may trim it.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Iterable[Topic[Any]] = TOPICS,
        *,
        kept: Callable[[DeadLetter], DeadLetter] = _whole,
    ) -> None:
        self._kafka = kafka
        self._kept = kept
        self._topics = [topic.dead_letters for topic in topics]
        self._letters: IndexedLetters = {}
        self.unreadable: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            *self._topics,
            **client_options(self._kafka),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=LARGEST_RECORD,
            fetch_max_bytes=FETCH_BYTES,
        )
        try:
            async with translated(self._kafka):
                await self._consumer.start()
        except BaseException:
            await stop_consumer(self._consumer)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await stop_consumer(self._consumer)

    async def letters(self) -> Mapping[EventId, IndexedLetter]:
        """Return every dead letter that the topics hold now, by id, oldest first on each topic."""
        async with translated(self._kafka):
            ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
            while await self._is_behind(ends):
                for records in (await self._consumer.getmany(timeout_ms=200)).values():
                    self._take_in(records)
        return self._letters

    async def whole(self, letter: DeadLetter) -> DeadLetter:
        """Return one of `letters` with its sealed bytes, read again where it lies.

        Raises PermanentError when it was trimmed meanwhile, and TransientError.
        """
        indexed = self._letters[letter.event_id]
        place = TopicPartition(indexed.dead_letters, 0)  # the only one of a `-dlq`
        async with translated(self._kafka):
            read_until = await self._consumer.position(place)
            self._consumer.seek(place, indexed.offset)
            record = await self._consumer.getone(place)
            self._consumer.seek(place, read_until)
        if record.offset != indexed.offset:
            raise PermanentError(f"dead letter {letter.event_id} is not there any more: it was trimmed")
        return DeadLetter.model_validate_json(record.value)

    async def _is_behind(self, ends: Mapping[TopicPartition, int]) -> bool:
        for partition, end in ends.items():
            if await self._consumer.position(partition) < end:
                return True
        return False

    def _take_in(self, records: Iterable[ConsumerRecord]) -> None:
        for record in records:
            try:
                event = DEAD_LETTER_EVENTS.validate_json(record.value)
            except ValidationError:
                log.error("not a dead letter", topic=record.topic, offset=record.offset)
                self.unreadable.setdefault(record.topic, record.offset)
                continue
            if not lies_rightly(event, record.topic, self._letters):
                log.error("a dead letter of another topic", topic=record.topic, offset=record.offset)
                continue
            kept = self._kept(event) if isinstance(event, DeadLetter) else event
            apply(self._letters, kept, record.offset)


async def open_letter(letter: DeadLetter, keys: KeyOpener) -> DeadLetterContent:
    """Return what lies in a dead letter: personal. Raises ErasedError, UnopenableError, TransientError."""
    try:
        return await open_one(keys, RECORD.on(letter.event_id, letter.record))
    except ValidationError as exc:  # a third party's host seals what it likes
        raise UnopenableError(
            f"dead letter {letter.event_id} opens, and what {letter.group} sealed in it is no content: `drop` it"
        ) from exc
    except ErasedError as exc:
        still_open = f"dead letter {letter.event_id} was erased: nothing of it is left; if it is open, `drop` it"
        raise ErasedError(still_open) from exc


async def replay(
    letter: DeadLetter, record: DeadLetterContent, producer: Producer, *, by: AgentId, at: datetime
) -> None:
    """Put the record on its topic again, keyed as it was, for the group that gave it up, and close the dead letter.

    Killed in between, it is replayed twice; handling is idempotent. Raises PermanentError for a payload that never was
    a record: its adapter alone could read it.
    """
    if letter.partition is None:
        raise PermanentError(
            f"dead letter {letter.event_id} is a payload that {letter.group} could not read; it never was a record of"
            f" {letter.topic}. Only {letter.group} itself can take it in.",
            reason="not-a-record",
        )
    ours = (ONLY_GROUP, REPLAY_OF)
    headers = [(name, value) for name, value in record.headers if name not in ours]
    headers += [(ONLY_GROUP, letter.group.encode()), (REPLAY_OF, letter.event_id.encode())]
    await producer.send([Record(letter.topic, record.key, record.value, tuple(headers))])
    await close(letter, "replayed", producer, by=by, at=at)


async def close(letter: DeadLetter, act: Act, producer: Producer, *, by: AgentId, at: datetime) -> None:
    """Write on the `-dlq` what became of a dead letter, and when (aware UTC). Raises TransientError."""
    closed = DeadLetterClosed(
        event_id=event_id(f"{letter.event_id}@{at.isoformat()}", "DeadLetterClosed"),
        occurred_at=at,
        dead_letter=letter.event_id,
        act=act,
        by=by,
    )
    value = closed.model_dump_json().encode()
    await producer.send([Record(dead_letter_topic(letter.topic), letter.event_id.encode(), value)])


def operators_producer(kafka: KafkaSettings) -> Producer:
    """Return the producer that the operator's acts go through. Make it inside the loop; an async context manager."""
    return Producer(kafka, "guichet-cli", timeout=_TIMEOUT, linger=timedelta(0))
