import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry import trace

from guichet.contracts.base import Event
from guichet.errors import ErasedError, PermanentError, ThrottledError, TransientError
from guichet.kafka.consume.dispatch import FULL_PART, dispatch, in_parallel, worst
from guichet.kafka.records import Received
from guichet_testing.builders.records import Knocked, a_knock
from guichet_testing.until import PATIENCE_S


class Rang(Event):
    pass


def received(name: str, door: str, topic: str = "knocks") -> Received[Any]:
    return Received(a_knock(name, door), topic, 0, 0, key=door)


async def test_one_key_in_order_different_keys_at_once() -> None:
    heard: list[str] = []
    back_door_done = asyncio.Event()

    async def hear(knock: Knocked) -> None:
        if knock.door == "front":
            await back_door_done.wait()  # a handler that did one key after the other would hang here
        else:
            back_door_done.set()
        heard.append(knock.event_id)

    batch = [received("f1", "front"), received("f2", "front", topic="rings"), received("b1", "back")]
    async with asyncio.timeout(PATIENCE_S):
        await dispatch({Knocked: hear})(batch)
    assert heard == ["b1", "f1", "f2"]


async def test_a_type_without_a_deed_is_skipped() -> None:
    async def fail(_: Event) -> None:
        raise AssertionError

    await dispatch({Rang: fail})([received("f1", "front")])


async def test_an_erased_event_counts_as_done_and_the_next_one_is_handled() -> None:
    heard: list[str] = []

    async def hear(knock: Knocked) -> None:
        if knock.event_id == "f1":
            raise ErasedError("gone")
        heard.append(knock.event_id)

    await dispatch({Knocked: hear})([received("f1", "front"), received("f2", "front")])
    assert heard == ["f2"]


async def test_the_other_keys_are_done_before_a_failure_is_raised() -> None:
    heard: list[str] = []

    async def hear(knock: Knocked) -> None:
        if knock.door == "front":
            raise TransientError("away")
        await asyncio.sleep(0.01)
        heard.append(knock.event_id)

    with pytest.raises(TransientError):
        await dispatch({Knocked: hear})([received("f1", "front"), received("b1", "back")])
    assert heard == ["b1"]


async def test_a_deed_continues_the_trace_of_its_event() -> None:
    traces: list[str] = []

    async def hear(_: Knocked) -> None:
        traces.append(f"{trace.get_current_span().get_span_context().trace_id:032x}")

    begun = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = (("traceparent", f"00-{begun}-00f067aa0ba902b7-01".encode()),)
    await dispatch({Knocked: hear})([replace(received("f1", "front"), headers=headers)])
    assert traces == [begun]


def test_the_worst_failure_is_one_that_will_not_pass_else_the_longest_wait() -> None:
    soon, later = (ThrottledError("", retry_after=timedelta(seconds=s)) for s in (1, 60))
    never = PermanentError("never")
    assert worst([soon, never, later]) is never
    assert worst([TransientError(""), soon, later]) is later


def many(records: int, doors: int = 10) -> list[Received[Any]]:
    return [replace(received(f"k{n}", f"d{n % doors}"), key=f"d{n % doors}") for n in range(records)]


async def test_a_large_batch_is_in_work_in_every_part_at_once_and_each_key_keeps_its_order() -> None:
    all_at_work, heard = asyncio.Barrier(3), dict[str, list[str]]()

    async def handle(part: Any) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await all_at_work.wait()
        for each_ in part:
            heard.setdefault(each_.key, []).append(each_.event.event_id)
            await asyncio.sleep(0)

    records = 4 * FULL_PART
    await in_parallel(handle, 3)(many(records))
    assert heard == {f"d{door}": [f"k{n}" for n in range(door, records, 10)] for door in range(10)}


@pytest.mark.parametrize(("records", "parts"), [(1, 1), (2 * FULL_PART - 1, 1), (2 * FULL_PART, 2)])
async def test_a_batch_has_as_many_parts_as_it_can_fill(records: int, parts: int) -> None:
    handled: list[int] = []

    async def handle(part: Any) -> None:
        handled.append(len(part))

    await in_parallel(handle, 3)(many(records))
    assert (len(handled), sum(handled)) == (parts, records)


async def test_every_part_comes_to_its_end_before_a_failure_of_one_is_raised() -> None:
    ended: list[int] = []

    async def handle(part: Any) -> None:
        if any(each_.event.event_id == "k0" for each_ in part):
            raise PermanentError("k0")
        await asyncio.sleep(0.01)
        ended.append(len(part))

    with pytest.raises(PermanentError):
        await in_parallel(handle, 2)(many(2 * FULL_PART))
    assert len(ended) == 1
