"""Put aside, sealed, what cannot be handled. Reading, replaying and dropping it: guichet.kafka.dead_letters.index."""

import asyncio
import re
import secrets
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

import structlog
from pydantic import ValidationError

from guichet.contracts.dead_letters import (
    LONGEST_ERROR,
    REASON,
    Aside,
    DeadLetter,
    DeadLetterContent,
    Origin,
    PayloadGivenUp,
    dead_letter_topic,
    letter_id_of,
    payload_letter_id_of,
)
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import Topic
from guichet.errors import (
    BugError,
    ForgedError,
    KeyMissingError,
    NoRightError,
    PermanentError,
    TamperedError,
    TransientError,
    WrongProofError,
)
from guichet.ids import EventId
from guichet.kafka.connection import Connection
from guichet.kafka.dead_letters.ceiling import PERIOD, Ceiling, CeilingReachedError
from guichet.kafka.dead_letters.content import RECORD
from guichet.kafka.produce.producer import Producer, Record
from guichet.kafka.produce.publisher import Publication, as_record
from guichet.kafka.records import RawRecord
from guichet.kafka.sizes import ENVELOPE_BYTES, LARGEST_RECORD
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import DEAD_LETTERS
from guichet.vault.ports import KeySource

Headers = tuple[tuple[str, bytes], ...]
Id = TypeVar("Id", bound=str)

log = structlog.get_logger()

UNREADABLE: Final = "unreadable"
BUG: Final = "bug"
CRASH_LOOP: Final = "crash-loop"

# What somebody may have done on purpose: the security officer wants to know.
ALARMING: Final[Mapping[type[PermanentError], Alarm]] = {
    TamperedError: Alarm.TAMPERED,
    KeyMissingError: Alarm.KEY_MISSING,
    ForgedError: Alarm.FORGED,
    WrongProofError: Alarm.FORGED,
    NoRightError: Alarm.NO_RIGHT,
}

TEXT_BEGINS: Final = 3_000  # characters of an error's text that a dead letter keeps
TEXT_ENDS: Final = 5_000
LONGEST_ID: Final = 64  # characters of a record's id; ours have 32
HEADER_AROUND: Final = 10  # bytes of JSON around a header's name and value

_TIMEOUT: Final = timedelta(seconds=8)
_LINGER: Final = timedelta(0)


@dataclass(frozen=True)
class Cause:
    """Why a record is given up. reason: the code that metrics and operations.md use."""

    reason: str
    error: BaseException | None = None

    @property
    def error_class(self) -> str:
        """The exception's class, of an adapter's bug its place, too: it says nothing about a person."""
        if isinstance(self.error, BugError):
            return self.error.where
        return type(self.error).__name__ if self.error is not None else "None"

    @property
    def error_text(self) -> str:
        """What the exception says, its middle cut where it is long. It may quote a person: seal it."""
        return _bounded("".join(traceback.format_exception(self.error))) if self.error is not None else ""


def _bounded(text: str) -> str:
    """An exception may quote a whole record, and then a dead letter would be larger than its topic takes. Pure.

    Kept are where it began and what it says last, which is the error itself: at most 48 KiB of JSON, 64 KiB sealed.
    """
    left_out = len(text) - TEXT_BEGINS - TEXT_ENDS
    if left_out <= 0:
        return text
    return f"{text[:TEXT_BEGINS]}\n… {left_out} characters left out …\n{text[-TEXT_ENDS:]}"


def _kept(headers: Headers) -> Headers:
    """Return a record's headers; none where they are more than any of ours, so that the letter has room. Pure.

    JSON writes a byte of a name as up to six, and many small ones as many times their size.
    """
    as_json = sum(HEADER_AROUND + 6 * len(name) + 2 * len(value) for name, value in headers)
    return headers if as_json <= ENVELOPE_BYTES else ()


def _told(name: Id) -> Id | None:
    """Return an id to be told in clear; None for one longer than any of ours: every reader of letters keeps it."""
    return name if len(name) <= LONGEST_ID else None


def cause_of(error: BaseException) -> Cause:
    """Return the reason code of an error: a PermanentError's own, otherwise a bug."""
    return Cause(error.reason if isinstance(error, PermanentError) else BUG, error)


def cause_of_refusal(refused: ValidationError | ForgedError) -> Cause:
    """Return why a record never reached a handler."""
    return cause_of(refused) if isinstance(refused, ForgedError) else Cause(UNREADABLE, refused)


class DeadLetterSink(Protocol):
    """Where the worker loop puts a record that it gives up."""

    async def publish(self, record: RawRecord, group: str, cause: Cause) -> None:
        """Return once it is durable. Raises TransientError, and CeilingReachedError past the ceiling of its topic."""


class DeadLetters(Connection, DeadLetterSink):
    """Seals dead letters and puts them on `<topic>-dlq`. One per process; an async context manager.

    service: who gives up, as the dead letter names it where there is no group. A record that the same group gives up
    again gets the same id. Each topic of a group has a ceiling of its own: who floods one costs the others nothing.
    signer: of a third party's host, which may not write among dead letters. calm_after: how long nothing must have been
    past a ceiling for the alarm of who goes on to end, each cause for itself.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        keys: KeySource,
        *,
        service: str,
        now: Callable[[], datetime],
        signer: Signer | None = None,
        steady: Callable[[], float] = time.monotonic,
        calm_after: timedelta = PERIOD,
    ) -> None:
        self._kafka = kafka
        self._keys = keys
        self._service = service
        self._now = now
        self._signer = signer
        self._steady = steady
        self._ceilings: dict[tuple[str, str], Ceiling] = {}
        self._apart: set[str] = set()
        self._calm_after_s = calm_after.total_seconds()
        self._calm: dict[str, asyncio.TimerHandle] = {}  # by cause
        self._producer: Producer | None = None

    def stop_for_none_of(self, topics: Iterable[str]) -> None:
        """Past the ceiling of these topics alarm, and go on.

        Code that is not part of Guichet writes there: however much of it is rubbish, it tells nothing of the worker,
        and one writer must not decide when the others of its topic wait.
        """
        self._apart |= set(topics)

    async def start(self) -> None:
        """Connect if the broker is there; otherwise the first dead letter does."""
        await self._connection().start()

    async def stop(self) -> None:
        """Disconnect."""
        for timer in self._calm.values():
            timer.cancel()
        if self._producer is not None:
            await self._producer.stop()

    async def publish(self, record: RawRecord, group: str, cause: Cause) -> None:
        if record.topic not in self._apart:
            self._refuse_past_ceiling(group, record.topic)
        elif self._ceiling_of(group, record.topic).is_reached(self._steady()):
            self._alarm_until_calm(f"{group}:{record.topic}")
        letter_id = letter_id_of(group, record.topic, record.partition, record.offset)
        event = record.event
        await self._keep(
            letter_id,
            cause,
            DeadLetterContent.model_construct(
                key=record.key, value=record.value, headers=_kept(record.headers), error_text=cause.error_text
            ),
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            group=group,
            about=_told(event.event_id) if event is not None else None,
            message_id=_told(event.message_id) if isinstance(event, MessageReceived) else None,
        )

    async def publish_payload(
        self,
        topic: Topic[Any],
        payload: bytes,
        error: Exception,
        *,
        aside: Aside | None = None,
        origin: Origin | None = None,
    ) -> None:
        """Put aside what an adapter could not read; the source may be told "accepted" afterwards.

        aside: where the whole payload lies, when `payload` is but its beginning. origin: by what it is handed in again.
        Raises TransientError when the broker or the vault is away, and past the ceiling: the source keeps it.
        """
        try:
            self._refuse_past_ceiling(self._service, topic.name)
        except CeilingReachedError as exc:
            self._alarm_until_calm(self._service)
            raise TransientError(f"{topic.name}: too many unreadable payloads this minute") from exc
        cause = Cause(error.reason if isinstance(error, PermanentError) else UNREADABLE, error)
        content = DeadLetterContent.model_construct(
            key=None,
            value=payload,
            headers=tuple((name, value.encode()) for name, value in origin.headers.items()) if origin else (),
            error_text=cause.error_text,
            target=origin.target if origin else "",
            senders=origin.senders if origin else None,
        )
        payload_id = EventId(secrets.token_hex(16))  # not a digest: that would tell equal payloads
        if topic.signed_by_hosts:
            await self._hand_over(topic, payload_id, cause, content, aside=aside, origin=origin)
            return
        place = {"topic": topic.name, "partition": None, "offset": None, "group": self._service}
        place["provider"] = origin.provider if origin else None
        await self._keep(payload_id, cause, content, **place, aside=aside)

    async def _hand_over(
        self,
        topic: Topic[Any],
        payload_id: EventId,
        cause: Cause,
        content: DeadLetterContent,
        *,
        aside: Aside | None,
        origin: Origin | None,
    ) -> None:
        """Give a payload to the topic's reader, who puts it among the dead letters: see `keep_given_up`."""
        if origin is None:
            raise ValueError(f"a payload of {topic.name} came by some provider's account, and nobody says which")
        [key] = await self._keys.new_keys(1)
        given_up = PayloadGivenUp(
            event_id=payload_id,
            occurred_at=self._now(),
            provider=origin.provider,
            reason=cause.reason if re.fullmatch(REASON, cause.reason) else UNREADABLE,
            error=cause.error_class[:LONGEST_ERROR],
            record=RECORD.seal(key, payload_letter_id_of(origin.provider, payload_id), content),
            aside=aside,
        )
        await self._connection().send([as_record(Publication(topic, given_up, key=payload_id), self._signer)])
        letter = given_up.as_letter(topic.name, given_up.occurred_at)
        self._ceiling_of(self._service, topic.name).count(self._steady())
        self._log(letter, cause)

    async def keep_given_up(self, topic: str, payloads: Sequence[PayloadGivenUp]) -> None:
        """Put on a topic's `-dlq`, sealed as they are, what third parties' hosts gave up: at our time, in their name.

        Whose each is must be known for certain (`Worker.read`, admit). The same again are the same letters. Past the
        ceiling of a host: the alarm, and on; its host counted and told of each. Raises TransientError.
        """
        letters = [each.as_letter(topic, self._now()) for each in payloads]
        for letter in letters:
            if self._ceiling_of(letter.group, topic).is_reached(self._steady()):
                self._alarm_until_calm(f"{letter.group}:{topic}")
        for part in _parts(map(_as_record, letters)):
            await self._connection().send(part)
        for letter in letters:
            self._ceiling_of(letter.group, topic).count(self._steady())
            log.error(
                "dead letter of a host", dead_letter=letter.event_id, group=letter.group, reason=letter.reason,
                topic=topic,
            )  # fmt: skip

    async def _keep(self, letter_id: str, cause: Cause, content: DeadLetterContent, **place: Any) -> None:
        [key] = await self._keys.new_keys(1)
        letter = DeadLetter(
            event_id=EventId(letter_id),
            occurred_at=self._now(),
            reason=cause.reason,
            error=cause.error_class,
            record=RECORD.seal(key, letter_id, content),
            **place,
        )
        await self._connection().send([_as_record(letter)])
        self._ceiling_of(letter.group, letter.topic).count(self._steady())
        self._log(letter, cause)

    def _log(self, letter: DeadLetter, cause: Cause) -> None:
        DEAD_LETTERS.labels(self._service, letter.topic, letter.reason).inc()
        place = {"topic": letter.topic, "partition": letter.partition, "offset": letter.offset}
        log.error(
            "dead letter", dead_letter=letter.event_id, group=letter.group, reason=letter.reason, error=letter.error,
            **place,
        )  # fmt: skip
        if letter.reason in (BUG, CRASH_LOOP):
            raise_alarm(Alarm.BUG, f"{letter.group}:{letter.topic}:{letter.error}")
        for kind, alarm in ALARMING.items():
            if isinstance(cause.error, kind):
                raise_alarm(alarm, f"{letter.group}:{letter.topic}")

    def _ceiling_of(self, group: str, topic: str) -> Ceiling:
        return self._ceilings.setdefault((group, topic), Ceiling(self._kafka.dead_letters_per_minute))

    def _refuse_past_ceiling(self, group: str, topic: str) -> None:
        ceiling = self._ceiling_of(group, topic)
        if ceiling.is_reached(self._steady()):
            raise CeilingReachedError(
                f"{ceiling.per_minute} dead letters of {topic} in a minute. Nothing is lost: its next record stays"
                " unread. See `guichet dead-letters list`, mend the cause, then start the service again; or raise"
                " GUICHET_DEAD_LETTERS_PER_MINUTE."
            )

    def _alarm_until_calm(self, cause: str) -> None:
        """Who goes on has an alarm that must end by itself: once its sources have let it be for a while."""
        raise_alarm(Alarm.DEAD_LETTER_CEILING, cause)
        if cause in self._calm:
            self._calm[cause].cancel()
        self._calm[cause] = asyncio.get_running_loop().call_later(
            self._calm_after_s, clear_alarm, Alarm.DEAD_LETTER_CEILING, cause
        )

    def _connection(self) -> Producer:
        if self._producer is None:
            self._producer = Producer(self._kafka, f"{self._service}-dead-letters", timeout=_TIMEOUT, linger=_LINGER)
        return self._producer


def _parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield records in order, so many at a time as have the bytes of the largest: then one time-out does for each."""
    part: list[Record] = []
    size = 0
    for record in records:
        if part and size + len(record.value) > LARGEST_RECORD:
            yield part
            part, size = [], 0
        part.append(record)
        size += len(record.value)
    if part:
        yield part


def _as_record(letter: DeadLetter) -> Record:
    return Record(dead_letter_topic(letter.topic), letter.event_id.encode(), letter.model_dump_json().encode())
