"""Events onto topics. A service publishes through `Publisher` and never sees the broker's client.

The in-memory twin is `guichet_testing.twins.publisher.InMemoryPublisher`; one suite runs on both.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, Protocol

from guichet.contracts.topics import E, Topic
from guichet.errors import PermanentError
from guichet.kafka.connection import Connection
from guichet.kafka.produce.producer import Producer, Record
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.tracing import headers_of, inject_headers

# Between an adapter's source, which waits 10–15 s for its answer, and a broker that fails over in 2–5 s.
TIMEOUT: Final = timedelta(seconds=8)
# Webhooks want their answer soon, workers send many at once: 2 ms serve both.
LINGER: Final = timedelta(milliseconds=2)


@dataclass(frozen=True)
class Publication(Generic[E]):
    """One event for one topic. key: only where the registry leaves it to the publisher (the ingest pseudonym).

    trace: the context that the event's document kept (guichet.runtime.telemetry.tracing); None: the current one.

    Raises ValueError when the key is missing, or given where the topic derives it from the event.
    """

    topic: Topic[E]
    event: E
    key: str | None = None
    trace: str | None = None

    def __post_init__(self) -> None:
        if (self.key is None) == (self.topic.key is None):
            need = "needs a key from its publisher" if self.key is None else "derives its key from the event"
            raise ValueError(f"{self.topic.name} {need}")

    @property
    def record_key(self) -> str:
        """The key that orders the record."""
        if self.key is not None:
            return self.key
        assert self.topic.key is not None
        return self.topic.key(self.event)


class Publisher(Protocol):
    """Where events go."""

    async def publish(self, *publications: Publication[Any]) -> None:
        """Return when the broker has confirmed every one; order is kept per key.

        Raises TransientError when it did not confirm in time: the events may be there none the less, so that publishing
        them again repeats ids, which every consumer drops. Raises PermanentError for an event that is too large.
        """


class KafkaPublisher(Connection, Publisher):
    """Publishes to Kafka. Use it as an async context manager, one per process, shared by all tasks.

    signer: signs what the registry says is signed; only a door has one.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        client_id: str,
        timeout: timedelta = TIMEOUT,
        *,
        linger: timedelta = LINGER,
        signer: Signer | None = None,
    ) -> None:
        self._signer = signer
        self._producer_options = (kafka, client_id, timeout, linger)
        self._producer: Producer | None = None

    async def start(self) -> None:
        """Connect if the broker is there; otherwise the first `publish` does."""
        await self._connection().start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def publish(self, *publications: Publication[Any]) -> None:
        await self._connection().send([as_record(publication, self._signer) for publication in publications])

    async def check(self) -> None:
        """Return if the broker answers now (readiness). Raises TransientError."""
        await self._connection().check()

    def _connection(self) -> Producer:
        if self._producer is None:  # made here, inside the loop that will run it
            kafka, client_id, timeout, linger = self._producer_options
            self._producer = Producer(kafka, client_id, timeout=timeout, linger=linger)
        return self._producer


def as_record(publication: Publication[Any], signer: Signer | None = None) -> Record:
    """Return the record of an event, with its trace in its headers, signed where the registry says so.

    Raises PermanentError when too large, ValueError for a signed topic without a signer.
    """
    value = publication.event.model_dump_json().encode()
    if len(value) > publication.topic.max_bytes:
        raise PermanentError(
            f"{type(publication.event).__name__} {publication.event.event_id}: {len(value)} bytes,"
            f" {publication.topic.name} allows {publication.topic.max_bytes}",
            reason="too-large",
        )
    headers = inject_headers() if publication.trace is None else headers_of(publication.trace)
    key = publication.record_key.encode()
    signed = _signature(publication.topic, key, value, signer) if publication.topic.is_signed else ()
    return Record(publication.topic.name, key, value, (*headers, *signed))


def _signature(topic: Topic[Any], key: bytes, value: bytes, signer: Signer | None) -> tuple[tuple[str, bytes], ...]:
    if signer is None:
        doors = ", ".join(topic.signed_by) or "the hosts of third parties"
        raise ValueError(f"{topic.name} is signed by {doors}: this publisher has no signer")
    return signer.sign(topic.name, key, value).headers
