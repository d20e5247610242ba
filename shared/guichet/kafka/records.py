"""What a worker takes from a topic. Reading bytes is here, so that a handler only ever sees events."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from aiokafka.structs import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from guichet.contracts.base import Event
from guichet.contracts.topics import E, Topic
from guichet.errors import ForgedError
from guichet.privacy.signing.records import Headers, Signed, Verifier

ONLY_GROUP: Final = "guichet-only-group"  # a replayed record is for this group alone
REPLAY_OF: Final = "guichet-replay-of"  # the dead letter that it was


@dataclass(frozen=True)
class Received(Generic[E]):
    """An event and its place. key: what orders it on its topic; never store or log it (ingest pseudonym).

    signed: the verified record, on a topic whose records are signed; whoever keeps it can verify it again.
    """

    event: E
    topic: str
    partition: int
    offset: int
    key: str = field(default="", repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(
        default=(), repr=False
    )  # for guichet.runtime.telemetry.tracing.span_from
    signed: Signed | None = field(default=None, repr=False)


BatchHandler = Callable[[Sequence[Received[Any]]], Awaitable[None]]
"""Returns when every effect of every event is durable; called again with the same events, it changes nothing more.

Raising TransientError: the whole batch is tried again. Any other error: the loop narrows the batch down to the culprit.
"""


@dataclass(frozen=True)
class RawRecord:
    """One raw record in a worker's hands. event: None when it is refused, or not for this group.

    refused: why no handler sees it: bytes that are no event of the topic, or no door's signature.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None = field(repr=False)
    value: bytes = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    event: Event | None = field(repr=False)
    refused: ValidationError | ForgedError | None = field(default=None, repr=False)
    signed: Signed | None = field(default=None, repr=False)

    @property
    def topic_partition(self) -> TopicPartition:
        """Its partition."""
        return TopicPartition(self.topic, self.partition)

    @property
    def received(self) -> Received[Any]:
        """What the handler sees. Only for a record with an event."""
        assert self.event is not None
        key = (self.key or b"").decode("utf-8", "replace")
        return Received(self.event, self.topic, self.partition, self.offset, key, self.headers, self.signed)


Admit = Callable[[Any, Topic[Any], str | None], None]
"""Raises ForgedError for an event that nobody, or not its signer (None: unsigned), may publish on that topic."""


def take(
    record: ConsumerRecord,
    topic: Topic[Any],
    group: str,
    verifier: Verifier | None = None,
    admit: Admit | None = None,
) -> RawRecord:
    """Read a raw record for `group`: its event, or why it has none.

    verifier: needed where records are signed. A signature is looked at before anything is read. admit: what the group
    asks of each event besides.
    """
    value = record.value or b""
    headers = tuple((name, said or b"") for name, said in record.headers or ())  # Kafka knows headers without a value
    raw = (record.topic, record.partition, record.offset, record.key, value, headers)
    if is_for_another(headers, group):
        return RawRecord(*raw, event=None)
    try:
        event, signed, signer = _read(record.key, value, headers, topic, verifier)
        if admit is not None:
            admit(event, topic, signer)
        return RawRecord(*raw, event=event, signed=signed)
    except (ValidationError, ForgedError) as refused:
        return RawRecord(*raw, event=None, refused=refused)


def _read(
    key: bytes | None, value: bytes, headers: Headers, topic: Topic[Any], verifier: Verifier | None
) -> tuple[Event, Signed | None, str | None]:
    """Return a record's event and, where records are signed, the record and who signed it. Raises ForgedError,
    ValidationError.
    """
    if not topic.is_signed:
        return topic.events.validate_json(value), None, None
    assert verifier is not None, f"{topic.name} is signed"
    signed = Signed.of(topic.name, key, value, headers)
    known = verifier.verify(signed, topic)
    event: Event = topic.events.validate_json(value)
    if not known.signs_at(event.occurred_at):
        raise ForgedError(f"key {known.key_id} of {known.producer} had ended", reason="unknown-signer")
    if topic.key is not None and topic.key(event).encode() != signed.key:
        raise ForgedError(f"a record of {topic.name} lies under another key than its event's", reason="wrong-signature")
    return event, signed, known.producer


def is_for_another(headers: Sequence[tuple[str, bytes]], group: str) -> bool:
    """Return whether a replay asks that only another group handles this record."""
    return any(name == ONLY_GROUP and value != group.encode() for name, value in headers)
