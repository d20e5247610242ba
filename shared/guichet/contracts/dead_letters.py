"""What lies on a topic's `-dlq`: what could not be handled, and what became of it. Topic key: the dead letter's id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Base64Bytes, Field, TypeAdapter

from guichet.contracts.base import Contract, Event, Sealed
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import Identifier
from guichet.ids import AgentId, EventId, KeyId, MessageId, derive_id


def dead_letter_topic(topic: str) -> str:
    """Return the name of the topic that keeps what a consumer of `topic` could not handle."""
    return f"{topic}-dlq"


def letter_id_of(group: str, topic: str, partition: int, offset: int) -> EventId:
    """Return the id of a record's dead letter: the same however often its group dead-letters it."""
    return EventId(derive_id("dead-letter", group, topic, str(partition), str(offset)))


class Aside(Contract):
    """Where the whole of a payload lies that no record carries: sealed under a key of its own, in the object store.

    The object's bytes: nonce, ciphertext and tag, for ("dead-letter", object_id), field "payload".
    """

    object_id: str
    key_id: KeyId
    size_bytes: int


@dataclass(frozen=True)
class Origin:
    """Where a payload came from that was never a record: by it the payload is handed in again, and its owner is found.

    provider: whose channel's. headers: those that the channel keeps. target: path and query as requested. senders: who
    sent it, as far as can be told; None: nobody tried.
    """

    provider: ChannelName
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    target: str = field(default="", repr=False)
    senders: tuple[Identifier, ...] | None = field(default=None, repr=False)


class DeadLetter(Event):
    """A record that one consumer could not handle; `event_id` is the dead letter's own id.

    In clear: the place, who gave up (`group`: a consumer group, or the adapter that could not read a payload), a
    kebab-case `reason`, the exception's class (`error`), and what it is about where that could be read.
    `record`: a `DeadLetterContent`, sealed for ("dead-letter", event_id), field "record".
    partition, offset: None for a payload that never became a record; then `provider` says whose channel it came on.
    aside: where `record` holds the beginning of the payload only.
    """

    type: Literal["DeadLetter"] = "DeadLetter"
    topic: str
    partition: int | None
    offset: int | None
    group: str
    reason: str
    error: str
    provider: ChannelName | None = None
    about: EventId | None = None
    message_id: MessageId | None = None
    record: Sealed
    aside: Aside | None = None


class DeadLetterClosed(Event):
    """An operator decided: published to its group again, or given up. The reason stands in the audit trail."""

    type: Literal["DeadLetterClosed"] = "DeadLetterClosed"
    dead_letter: EventId
    act: Literal["replayed", "dropped"]
    by: AgentId


class DeadLetterContent(Contract):
    """The original bytes and what the error said: personal, in memory only.

    headers: of the record, or of the request that brought a payload. target, senders: of a payload, see Origin.
    """

    key: Base64Bytes | None
    value: Base64Bytes
    headers: tuple[tuple[str, Base64Bytes], ...] = ()
    error_text: str = ""
    target: str = ""
    senders: tuple[Identifier, ...] | None = None


AnyDeadLetterEvent = Annotated[DeadLetter | DeadLetterClosed, Field(discriminator="type")]
DEAD_LETTER_EVENTS: TypeAdapter[DeadLetter | DeadLetterClosed] = TypeAdapter(AnyDeadLetterEvent)
