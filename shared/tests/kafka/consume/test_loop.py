"""What becomes of a batch, whatever its messages do. No broker: the tracker and the dead letters are in memory."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guichet.errors import ErasedError, PermanentError, ThrottledError, TransientError
from guichet.kafka.consume.batch_pause import NO_PAUSE, BatchPause
from guichet.kafka.consume.loop import BatchLoop, parts
from guichet.kafka.consume.watchdog import IdleTimer
from guichet.kafka.consume.withheld import Withheld
from guichet.kafka.dead_letters.ceiling import CeilingReachedError
from guichet.kafka.records import RawRecord, Received
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM, RECORDS_IN_WORK
from guichet.runtime.worker_stopped import WorkerStoppedError
from guichet_testing.builders.records import InMemoryDeadLetters, Knocked, a_raw_record


class InMemoryOffsetTracker:
    def __init__(self, alone: Sequence[int] = (), attempts: dict[int, int] | None = None) -> None:
        self.done: list[int] = []
        self.acts: list[str] = []
        self.begun: list[list[int]] = []
        self._alone = set(alone)
        self._attempts = attempts or {}

    def is_alone(self, record: RawRecord) -> bool:
        return record.offset in self._alone

    def attempts(self, record: RawRecord) -> int:
        return self._attempts.get(record.offset, 0)

    async def note_begin(self, batch: Sequence[RawRecord]) -> None:
        self.begun.append([record.offset for record in batch])

    async def note_attempts(self, record: RawRecord, attempts: int) -> None:
        self.acts.append(f"{record.offset} tried {attempts}")

    def finished(self, part: Sequence[RawRecord]) -> None:
        self.done += [record.offset for record in part]

    async def commit(self) -> None:
        self.acts.append(f"committed {self.done[-1]}")


class Handler:
    """Handles knocks; fails on offsets as told, each time with the next of their errors, then works."""

    def __init__(
        self, errors: dict[int, list[Exception]] | None = None, always: dict[int, Exception] | None = None
    ) -> None:
        self.handled: list[int] = []
        self.calls: list[list[int]] = []
        self._errors = errors or {}
        self._always = always or {}

    async def __call__(self, batch: Sequence[Received[Any]]) -> None:
        self.calls.append([received.offset for received in batch])
        for received in batch:
            if received.offset in self._always:
                raise self._always[received.offset]
            if self._errors.get(received.offset):
                raise self._errors[received.offset].pop(0)
        self.handled += [received.offset for received in batch]


class Naps:
    def __init__(self) -> None:
        self.taken_s: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)
        await asyncio.sleep(0)


def a_loop(
    handle: Any,
    *,
    tracker: InMemoryOffsetTracker | None = None,
    dead: InMemoryDeadLetters | None = None,
    naps: Naps | None = None,
    withheld: Withheld | None = None,
    pause: BatchPause = NO_PAUSE,
) -> BatchLoop:
    return BatchLoop(
        service="worker",
        group="worker",
        handle=handle,
        dead_letters=dead or InMemoryDeadLetters(),
        tracker=tracker or InMemoryOffsetTracker(),
        idle_timer=IdleTimer(),
        withheld=withheld or Withheld([("worker", "knocks")]),
        pause=pause,
        sleep=naps or Naps(),
    )


def an_unreadable(offset: int) -> RawRecord:
    try:
        Knocked.model_validate_json(b"?")
    except ValidationError as unreadable:
        return RawRecord("knocks", 0, offset, b"front", b"?", (), None, unreadable)
    raise AssertionError


async def test_a_good_batch_is_handled_whole_and_once() -> None:
    handler, tracker = Handler(), InMemoryOffsetTracker()
    await a_loop(handler, tracker=tracker).work([a_raw_record(n) for n in range(5)])
    assert handler.calls == [[0, 1, 2, 3, 4]]
    assert tracker.begun == [[0, 1, 2, 3, 4]]
    assert tracker.done == [0, 1, 2, 3, 4]


async def test_a_small_batch_waits_once_however_many_parts_it_falls_into_and_not_after_a_lull() -> None:
    """Where each half of a batch with a poison waited, one that is sent twice a second held the router up."""
    naps, tracker = Naps(), InMemoryOffsetTracker()
    handler = Handler(always={2: ValueError("a bug")})
    loop = a_loop(handler, tracker=tracker, naps=naps, pause=BatchPause(seconds=1.0, enough=20))
    for first in (0, 10):
        await loop.work([a_raw_record(first + n) for n in range(10)])
    await loop.work([a_raw_record(20 + n) for n in range(20)])
    [waited] = naps.taken_s
    assert 0.5 < waited <= 1.0
    assert len(tracker.done) == 40


async def test_a_transient_error_is_retried_in_place_until_it_passes() -> None:
    handler, naps = Handler(errors={2: [TransientError("away")] * 3}), Naps()
    await a_loop(handler, naps=naps).work([a_raw_record(n) for n in range(4)])
    assert handler.handled == [0, 1, 2, 3]
    assert len(naps.taken_s) == 3


async def test_retry_after_is_obeyed() -> None:
    naps = Naps()
    throttled = ThrottledError("slower", retry_after=timedelta(seconds=90))
    await a_loop(Handler(errors={0: [throttled]}), naps=naps).work([a_raw_record(0)])
    assert naps.taken_s[0] >= 90


async def test_a_declared_retry_is_a_sign_of_life_until_its_pause_is_over() -> None:
    now = [0.0]
    idle_timer = IdleTimer(lambda: now[0])
    loop = BatchLoop(
        service="p", group="p", handle=Handler(errors={0: [TransientError("away")]}), dead_letters=InMemoryDeadLetters(),
        tracker=InMemoryOffsetTracker(), idle_timer=idle_timer, withheld=Withheld(()), sleep=Naps(),
    )  # fmt: skip
    now[0] = 100.0
    assert idle_timer.idle_s == 100.0
    await loop.work([a_raw_record(0)])
    assert idle_timer.idle_s == 0.0


@given(size=st.integers(1, 40), poison=st.sets(st.integers(0, 39), max_size=8))
def test_the_poison_and_nothing_else_is_buried(size: int, poison: set[int]) -> None:
    poison = {offset for offset in poison if offset < size}
    handler = Handler(always={offset: ValueError("a bug") for offset in poison})
    tracker, dead = InMemoryOffsetTracker(), InMemoryDeadLetters()
    asyncio.run(a_loop(handler, tracker=tracker, dead=dead).work([a_raw_record(n) for n in range(size)]))
    assert [record.offset for record, _, _ in dead.dead_letters] == sorted(poison)
    assert set(handler.handled) == set(range(size)) - poison
    assert tracker.done == list(range(size))  # in order: a commit in between never passes over one


async def test_a_permanent_error_is_buried_with_its_own_reason_a_bug_as_bug() -> None:
    dead = InMemoryDeadLetters()
    handler = Handler(always={0: PermanentError("no such door", reason="no-door"), 1: KeyError("x")})
    await a_loop(handler, dead=dead).work([a_raw_record(0), a_raw_record(1)])
    assert dead.reasons == ["no-door", "bug"]


async def test_what_cannot_be_read_is_buried_and_the_rest_is_handled() -> None:
    handler, dead, tracker = Handler(), InMemoryDeadLetters(), InMemoryOffsetTracker()
    await a_loop(handler, dead=dead, tracker=tracker).work([a_raw_record(0), an_unreadable(1), a_raw_record(2)])
    assert dead.reasons == ["unreadable"]
    assert handler.handled == [0, 2]
    assert tracker.done == [0, 1, 2]


async def test_what_is_for_another_group_is_passed_over() -> None:
    handler, dead, tracker = Handler(), InMemoryDeadLetters(), InMemoryOffsetTracker()
    others = RawRecord("knocks", 0, 1, b"front", b"{}", (), None)
    await a_loop(handler, dead=dead, tracker=tracker).work([a_raw_record(0), others])
    assert handler.handled == [0]
    assert tracker.done == [0, 1]
    assert dead.dead_letters == []


async def test_an_erased_message_is_done_and_never_a_dead_letter() -> None:
    handler, dead, tracker = Handler(always={1: ErasedError("gone")}), InMemoryDeadLetters(), InMemoryOffsetTracker()
    await a_loop(handler, dead=dead, tracker=tracker).work([a_raw_record(n) for n in range(4)])
    assert set(handler.handled) == {0, 2, 3}
    assert dead.dead_letters == []
    assert tracker.done == [0, 1, 2, 3]


async def test_the_burial_is_retried_too() -> None:
    dead = InMemoryDeadLetters(failing=[TransientError("the vault is away")] * 2)
    await a_loop(Handler(always={0: ValueError("bug")}), dead=dead).work([a_raw_record(0)])
    assert dead.reasons == ["bug"]


async def test_at_the_ceiling_the_loop_stops_and_what_was_finished_stays_finished() -> None:
    tracker, dead = InMemoryOffsetTracker(), InMemoryDeadLetters(failing=[CeilingReachedError("too many")])
    loop = a_loop(Handler(always={2: ValueError("bug")}), tracker=tracker, dead=dead)
    with pytest.raises(WorkerStoppedError, match="worker stopped: too many") as stopped:
        await loop.work([a_raw_record(n) for n in range(4)])
    assert (stopped.value.alarm, stopped.value.cause) == (Alarm.DEAD_LETTER_CEILING, "worker:knocks")
    assert tracker.done == [0, 1]


def on_two_topics(*topics: str) -> list[RawRecord]:
    return [a_raw_record(offset, topic=topic) for offset, topic in enumerate(topics)]


async def test_a_topic_at_its_ceiling_waits_alone_and_the_others_go_on() -> None:
    batch = on_two_topics("rings", "rings", "knocks", "rings", "knocks", "rings")
    handler, tracker = Handler(always={1: ValueError("bug")}), InMemoryOffsetTracker()
    dead = InMemoryDeadLetters(failing=[CeilingReachedError("too many")])
    withheld = Withheld([("worker", "knocks"), ("worker", "rings")])
    loop = a_loop(handler, tracker=tracker, dead=dead, withheld=withheld)
    await loop.work(batch)
    assert tracker.done == [0, 2, 4], "of a topic that waits, nothing past the record that would be one too many"
    assert set(handler.handled) == {0, 2, 4}
    assert ALARM.labels("dead-letter-ceiling", "worker:rings")._value.get() == 1
    await loop.work([a_raw_record(7, topic="rings"), a_raw_record(8)])
    assert tracker.done == [0, 2, 4, 8]
    assert in_work() == 0


async def test_a_worker_with_nothing_left_to_read_stops() -> None:
    withheld = Withheld([("worker", "knocks"), ("worker", "rings")])
    dead = InMemoryDeadLetters(failing=[CeilingReachedError("too many"), CeilingReachedError("too many")])
    loop = a_loop(Handler(always={0: ValueError("bug"), 1: ValueError("bug")}), dead=dead, withheld=withheld)
    with pytest.raises(WorkerStoppedError):
        await loop.work(on_two_topics("rings", "knocks"))


async def test_a_record_that_was_alone_when_its_topic_reached_the_ceiling_did_not_crash_the_worker() -> None:
    tracker = InMemoryOffsetTracker(alone=[0], attempts={0: 1})
    dead = InMemoryDeadLetters(failing=[CeilingReachedError("too many")])
    withheld = Withheld([("worker", "knocks"), ("worker", "rings")])
    loop = a_loop(Handler(always={0: ValueError("bug")}), tracker=tracker, dead=dead, withheld=withheld)
    await loop.work([a_raw_record(0)])
    assert tracker.acts == ["0 tried 2", "0 tried 1"]
    assert tracker.done == []


async def test_after_a_crash_records_are_tried_alone_and_committed_one_by_one() -> None:
    handler, tracker = Handler(), InMemoryOffsetTracker(alone=[0, 1])
    await a_loop(handler, tracker=tracker).work([a_raw_record(n) for n in range(4)])
    assert handler.calls == [[0], [1], [2, 3]]
    assert tracker.acts == ["0 tried 1", "committed 0", "1 tried 1", "committed 1"]


async def test_a_record_whose_tries_never_came_back_is_buried_untried() -> None:
    handler, dead = Handler(), InMemoryDeadLetters()
    tracker = InMemoryOffsetTracker(alone=[0, 1], attempts={0: 3})
    await a_loop(handler, tracker=tracker, dead=dead).work([a_raw_record(0), a_raw_record(1)])
    assert dead.reasons == ["crash-loop"]
    assert handler.handled == [1]


async def test_a_try_that_came_back_with_a_transient_error_is_no_crash() -> None:
    tracker = InMemoryOffsetTracker(alone=[0], attempts={0: 1})
    handler = Handler(errors={0: [TransientError("away")]})
    await a_loop(handler, tracker=tracker).work([a_raw_record(0)])
    assert tracker.acts == ["0 tried 2", "0 tried 1", "0 tried 2", "committed 0"]


async def test_a_cancelled_batch_leaves_what_it_finished() -> None:
    tracker, reached = InMemoryOffsetTracker(alone=[0, 1]), asyncio.Event()

    async def handle(batch: Sequence[Received[Any]]) -> None:
        if batch[0].offset == 1:
            reached.set()
            await asyncio.sleep(60)

    task = asyncio.ensure_future(a_loop(handle, tracker=tracker).work([a_raw_record(0), a_raw_record(1)]))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tracker.done == [0]
    assert in_work() == 0


async def test_what_is_in_work_is_told_while_it_is() -> None:
    seen: list[float] = []

    async def handle(batch: Sequence[Received[Any]]) -> None:
        seen.append(in_work())
        if batch[0].offset == 2:
            raise ZeroDivisionError

    dead, tracker = InMemoryDeadLetters(), InMemoryOffsetTracker(alone=[0, 1, 2])
    await a_loop(handle, tracker=tracker, dead=dead).work([a_raw_record(n) for n in range(3)])
    assert seen == [3, 2, 1]
    assert in_work() == 0


def in_work() -> float:
    return RECORDS_IN_WORK.labels("worker")._value.get()


@given(st.lists(st.sampled_from(["good", "alone", "unreadable"]), max_size=30))
def test_parts_keep_every_record_in_order(kinds: list[str]) -> None:
    batch = [an_unreadable(n) if kind == "unreadable" else a_raw_record(n) for n, kind in enumerate(kinds)]
    cut = list(parts(batch, lambda record: kinds[record.offset] == "alone"))
    assert [record for part in cut for record in part] == batch
    assert all(len(part) == 1 for part in cut if kinds[part[0].offset] != "good")
