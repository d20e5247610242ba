"""Raw records onto topics: confirmed by the broker or an error, never "perhaps" without saying so."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from guichet.errors import PermanentError, TransientError
from guichet.kafka.connection import Connection, client_options
from guichet.kafka.not_allowed import not_allowed, not_signed_in
from guichet.kafka.sizes import LARGEST_RECORD
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.metrics import RECORDS_PUBLISHED

log = structlog.get_logger()

_TOO_LARGE: Final = (MessageSizeTooLargeError, RecordListTooLargeError)
_CLOSING_S: Final = 3.0


@dataclass(frozen=True)
class Record:
    """What goes onto a topic. Its repr hides key and value: they may hold a person."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()

    def __repr__(self) -> str:
        return f"Record(topic={self.topic!r}, {len(self.value)} bytes)"


class Producer(Connection):
    """An idempotent producer with acks=all and a time-out of its own, since aiokafka's never gives up.

    It starts without a broker and connects when there is one. A producer one of whose batches failed has a gap in its
    sequence numbers, after which the broker refuses everything: it is replaced.
    """

    def __init__(self, kafka: KafkaSettings, client_id: str, *, timeout: timedelta, linger: timedelta) -> None:
        self._kafka = kafka
        self._options: dict[str, Any] = {
            **client_options(kafka),
            "client_id": client_id,
            "enable_idempotence": True,
            "acks": "all",
            "linger_ms": int(linger / timedelta(milliseconds=1)),
            "max_batch_size": 128 * 1024,
            "max_request_size": LARGEST_RECORD,
        }
        self._timeout_s = timeout.total_seconds()
        self._current: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def start(self) -> None:
        """Connect now if the broker is there; otherwise the first `send` does."""
        with contextlib.suppress(TransientError):
            await self._within_time(self._connected())

    async def stop(self) -> None:
        """Let go of the connection. What was confirmed stays confirmed."""
        if self._current is not None:
            await self._discard(self._current)

    async def send(self, records: Sequence[Record]) -> None:
        """Return when the broker holds every record, in order for each key.

        Raises TransientError when it did not say so in time (the records may be there none the less) and
        PermanentError for one that is too large.
        """
        await self._within_time(self._send(records))
        for topic, count in Counter(record.topic for record in records).items():
            RECORDS_PUBLISHED.labels(topic).inc(count)

    async def check(self) -> None:
        """Return if the broker answers now. Raises TransientError."""
        await self._within_time(self._ask_for_metadata())

    async def _ask_for_metadata(self) -> None:
        producer = await self._connected()
        if not await producer.client.force_metadata_update():
            raise TransientError("Kafka does not answer")

    async def _within_time(self, work: Any) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await work
        except TimeoutError as exc:
            raise TransientError(f"Kafka did not confirm within {self._timeout_s:g} s") from exc

    async def _send(self, records: Sequence[Record]) -> None:
        producer = await self._connected()
        sent, refusal = await _hand_over(producer, records)
        failures = await _failures(sent)
        if failures or (refusal is not None and not isinstance(refusal, MessageSizeTooLargeError)):
            await self._discard(producer)  # what is merely too large is refused before it got a sequence number
        for error in (refusal, *failures):
            if error is not None:
                raise not_allowed(self._kafka, error) or _translated(error) from error

    async def _connected(self) -> AIOKafkaProducer:
        if self._current is not None:
            return self._current
        async with self._connecting:  # one of those who find it missing makes it
            if self._current is None:
                self._current = await self._connect()
            return self._current

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(**self._options)
        try:
            await producer.start()
        except BaseException as exc:
            await _close(producer)
            if isinstance(exc, KafkaError):
                away = TransientError(f"Kafka does not answer ({type(exc).__name__})")
                raise await not_signed_in(self._kafka, exc) or away from exc
            raise
        return producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._current is producer:
            self._current = None
        await _close(producer)


async def _hand_over(
    producer: AIOKafkaProducer, records: Sequence[Record]
) -> tuple[list[asyncio.Future[Any]], KafkaError | None]:
    """Give records to the client until it refuses one; return what it took, and that refusal."""
    sent: list[asyncio.Future[Any]] = []
    try:
        for record in records:
            sent.append(await producer.send(record.topic, record.value, record.key, headers=list(record.headers)))
    except KafkaError as refusal:
        return sent, refusal
    return sent, None


async def _failures(sent: Sequence[asyncio.Future[Any]]) -> list[Exception]:
    """Await every future, then judge: one failure must not leave another unobserved.

    When our time is up, the one that is awaited is cancelled; aiokafka passes over it and still sends the record.
    """
    failures: list[Exception] = []
    for future in sent:
        try:
            await future
        except Exception as failure:
            failures.append(failure)
    return failures


def _translated(error: BaseException) -> PermanentError | TransientError:
    if isinstance(error, _TOO_LARGE):
        return PermanentError("a record is larger than its topic allows", reason="too-large")
    return TransientError(f"Kafka refused ({type(error).__name__})")


async def _close(producer: AIOKafkaProducer) -> None:
    """Stop it; while the broker is away aiokafka would wait for ever, so then its sender is cut off."""
    try:
        await asyncio.wait_for(producer.stop(), _CLOSING_S)
    except (TimeoutError, KafkaError):
        sender: asyncio.Task[None] | None = producer._sender.sender_task
        if sender is not None:
            sender.cancel()
        with contextlib.suppress(Exception):
            await producer.client.close()
