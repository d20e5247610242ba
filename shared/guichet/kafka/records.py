"""What a worker takes from a topic. Reading bytes is here, so that a handler only ever sees events."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from aiokafka.structs import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from guichet.contracts.base import Event
from guichet.contracts.topics import E, Topic

ONLY_GROUP: Final = "guichet-only-group"  # a replayed record is for this group alone
REPLAY_OF: Final = "guichet-replay-of"  # the dead letter that it was


@dataclass(frozen=True)
class Received(Generic[E]):
    """An event and its place. key: what orders it on its topic; never store or log it (ingest pseudonym)."""

    event: E
    topic: str
    partition: int
    offset: int
    key: str = field(default="", repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)  # for guichet.runtime.tracing.span_from


BatchHandler = Callable[[Sequence[Received[Any]]], Awaitable[None]]
"""Returns when every effect of every event is durable; called again with the same events, it changes nothing more.

Raising TransientError: the whole batch is tried again. Any other error: the loop narrows the batch down to the culprit.
"""


@dataclass(frozen=True)
class Taken:
    """One raw record in a worker's hands. event: None when it is unreadable, or not for this group."""

    topic: str
    partition: int
    offset: int
    key: bytes | None = field(repr=False)
    value: bytes = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    event: Event | None = field(repr=False)
    unreadable: ValidationError | None = field(default=None, repr=False)

    @property
    def place(self) -> TopicPartition:
        """Its partition."""
        return TopicPartition(self.topic, self.partition)

    @property
    def received(self) -> Received[Any]:
        """What the handler sees. Only for a record with an event."""
        assert self.event is not None
        key = (self.key or b"").decode("utf-8", "replace")
        return Received(self.event, self.topic, self.partition, self.offset, key, self.headers)


def take(record: ConsumerRecord, topic: Topic[Any], group: str) -> Taken:
    """Read a raw record for `group`: its event, or why it has none."""
    headers = tuple(record.headers or ())
    taken = (record.topic, record.partition, record.offset, record.key, record.value or b"", headers)
    if is_for_another(headers, group):
        return Taken(*taken, event=None)
    try:
        return Taken(*taken, event=topic.events.validate_json(record.value or b""))
    except ValidationError as unreadable:
        return Taken(*taken, event=None, unreadable=unreadable)


def is_for_another(headers: Sequence[tuple[str, bytes]], group: str) -> bool:
    """Return whether a replay asks that only another group handles this record."""
    return any(name == ONLY_GROUP and value != group.encode() for name, value in headers)
