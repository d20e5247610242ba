"""What lies on a topic's `-dlq`: what could not be handled, and what became of it. Topic key: the dead letter's id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Base64Bytes, Field, TypeAdapter, model_validator

from guichet.contracts.base import Contract, Event, Sealed
from guichet.contracts.inbound import ChannelName, host_of
from guichet.contracts.inbound_content import Identifier
from guichet.ids import AgentId, EventId, KeyId, MessageId, derive_id, is_id


def dead_letter_topic(topic: str) -> str:
    """Return the name of the topic that keeps what a consumer of `topic` could not handle."""
    return f"{topic}-dlq"


def letter_id_of(group: str, topic: str, partition: int, offset: int) -> EventId:
    """Return the id of a record's dead letter: the same however often its group dead-letters it."""
    return EventId(derive_id("dead-letter", group, topic, str(partition), str(offset)))


def payload_letter_id_of(provider: ChannelName, payload: EventId) -> EventId:
    """Return the id of the dead letter of what a third party's host gave up: no other's can have it."""
    return EventId(derive_id("dead-letter", "payload", provider, payload))


def aside_id_of(key_id: KeyId) -> str:
    """Return under which id a payload lies in the object store, by the key that it is sealed under."""
    return derive_id("aside", key_id)


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


REASON: Final = r"^[a-z][a-z0-9-]{0,39}$"
LONGEST_ERROR: Final = 80


class PayloadGivenUp(Event):
    """What a third party's host could not read, for case-router to put among the dead letters; the host signs it.

    Its host may say no more of the letter than this: whose it is, where it lies and when it came there is the router's
    to say. reason: a kebab-case code. error: the exception's class.
    `record`: a `DeadLetterContent`, sealed for ("dead-letter", letter_id), field "record". aside: as in a DeadLetter.
    """

    type: Literal["PayloadGivenUp"] = "PayloadGivenUp"
    provider: ChannelName
    reason: Annotated[str, Field(pattern=REASON)]
    error: Annotated[str, Field(max_length=LONGEST_ERROR)]
    record: Sealed
    aside: Aside | None = None

    @property
    def letter_id(self) -> EventId:
        """The id of its dead letter."""
        return payload_letter_id_of(self.provider, self.event_id)

    def as_letter(self, topic: str, at: datetime) -> DeadLetter:
        """Return its dead letter on the topic that it came on. at: aware UTC."""
        return DeadLetter(
            event_id=self.letter_id,
            occurred_at=at,
            topic=topic,
            partition=None,
            offset=None,
            group=host_of(self.provider),
            reason=self.reason,
            error=self.error,
            provider=self.provider,
            record=self.record,
            aside=self.aside,
        )

    @model_validator(mode="after")
    def _names_what_is_its_own(self) -> Self:
        """Who drops a letter destroys its keys and deletes its object: nothing else of the vault's, and no other
        message's file, must stand there.
        """
        keys = (self.record.key_id, *((self.aside.key_id,) if self.aside else ()))
        if not all(map(is_id, keys)):
            raise ValueError("the id of a key is none of ours")
        if self.aside is not None and self.aside.object_id != aside_id_of(self.aside.key_id):
            raise ValueError("what lies aside has another id than its key gives it")
        return self


class DeadLetterClosed(Event):
    """An operator decided: published to its group again, or given up. The reason stands in the audit trail."""

    type: Literal["DeadLetterClosed"] = "DeadLetterClosed"
    dead_letter: EventId
    act: Literal["replayed", "dropped"]
    by: AgentId


class DeadLetterContent(Contract):
    """The original bytes and what the error said: personal, in memory only.

    headers: of the record (none where they were far more than ours), or of the request that brought a payload. target,
    senders: of a payload, see Origin.
    """

    key: Base64Bytes | None
    value: Base64Bytes
    headers: tuple[tuple[str, Base64Bytes], ...] = ()
    error_text: str = ""
    target: str = ""
    senders: tuple[Identifier, ...] | None = None


AnyDeadLetterEvent = Annotated[DeadLetter | DeadLetterClosed, Field(discriminator="type")]
DEAD_LETTER_EVENTS: TypeAdapter[DeadLetter | DeadLetterClosed] = TypeAdapter(AnyDeadLetterEvent)
