"""Small topics and raw records for tests of what reads and writes Kafka."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import TypeAdapter

from guichet.contracts.base import Event
from guichet.contracts.dead_letters import Aside
from guichet.contracts.topics import Consumer, Topic
from guichet.ids import EventId
from guichet.kafka.dead_letters.publish import Cause, DeadLetterSink
from guichet.kafka.records import RawRecord


class Knocked(Event):
    """An event that means nothing: somebody knocked, at a door."""

    type: Literal["Knocked"] = "Knocked"
    door: str = "front"
    note: str = ""


def a_knock(name: str, door: str = "front", note: str = "") -> Knocked:
    """Return an event whose id is `name` and whose key is `door`."""
    return Knocked(event_id=EventId(name), occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), door=door, note=note)


def a_topic(
    *groups: str,
    name: str | None = None,
    partitions: int = 1,
    retention: timedelta = timedelta(days=7),
    max_bytes: int = 256 * 1024,
) -> Topic[Knocked]:
    """Return a topic of knocks under a name of its own, read by `groups`."""
    return Topic(
        name=name or f"knocks-{secrets.token_hex(6)}",
        events=TypeAdapter(Knocked),
        key=lambda knock: knock.door,
        producers=("tester",),
        consumers=tuple(Consumer(group) for group in groups),
        owner="tester",
        retention=retention,
        partitions=partitions,
        max_bytes=max_bytes,
    )


def a_raw_record(
    offset: int, *, topic: str = "knocks", partition: int = 0, event: Event | None = None, **more: Any
) -> RawRecord:
    """Return a raw record in a worker's hands, holding the knock `k<offset>` unless told otherwise."""
    knock = event or a_knock(f"k{offset}")
    fields: dict[str, Any] = {
        "key": b"front",
        "value": knock.model_dump_json().encode(),
        "headers": (),
        "event": knock,
        **more,
    }
    return RawRecord(topic=topic, partition=partition, offset=offset, **fields)


class InMemoryDeadLetters(DeadLetterSink):
    """Twin of DeadLetters. dead_letters: (record, group, cause), in order. failing: raised in turn instead."""

    def __init__(self, failing: Sequence[Exception] = ()) -> None:
        self.dead_letters: list[tuple[RawRecord, str, Cause]] = []
        self.payloads: list[tuple[str, bytes, Exception, Aside | None]] = []
        self._failing = list(failing)

    async def publish(self, record: RawRecord, group: str, cause: Cause) -> None:
        if self._failing:
            raise self._failing.pop(0)
        self.dead_letters.append((record, group, cause))

    async def publish_payload(
        self, topic: Topic[Any], payload: bytes, error: Exception, *, aside: Aside | None = None, **_: Any
    ) -> None:
        """Keep it among the `payloads`, or fail as the test said."""
        if self._failing:
            raise self._failing.pop(0)
        self.payloads.append((topic.name, payload, error, aside))

    @property
    def reasons(self) -> list[str]:
        """The reason codes of what was given up."""
        return [cause.reason for _, _, cause in self.dead_letters]
