import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry import trace

from guichet.contracts.base import Event
from guichet.errors import ErasedError, PermanentError, ThrottledError, TransientError
from guichet.kafka.deeds import each, worst
from guichet.kafka.records import Received
from guichet.testing.kafka import Knocked, a_knock


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
    async with asyncio.timeout(5):
        await each({Knocked: hear})(batch)
    assert heard == ["b1", "f1", "f2"]


async def test_a_type_without_a_deed_is_skipped() -> None:
    async def fail(_: Event) -> None:
        raise AssertionError

    await each({Rang: fail})([received("f1", "front")])


async def test_an_erased_event_counts_as_done_and_the_next_one_is_handled() -> None:
    heard: list[str] = []

    async def hear(knock: Knocked) -> None:
        if knock.event_id == "f1":
            raise ErasedError("gone")
        heard.append(knock.event_id)

    await each({Knocked: hear})([received("f1", "front"), received("f2", "front")])
    assert heard == ["f2"]


async def test_the_other_keys_are_done_before_a_failure_is_raised() -> None:
    heard: list[str] = []

    async def hear(knock: Knocked) -> None:
        if knock.door == "front":
            raise TransientError("away")
        await asyncio.sleep(0.01)
        heard.append(knock.event_id)

    with pytest.raises(TransientError):
        await each({Knocked: hear})([received("f1", "front"), received("b1", "back")])
    assert heard == ["b1"]


async def test_a_deed_continues_the_trace_of_its_event() -> None:
    traces: list[str] = []

    async def hear(_: Knocked) -> None:
        traces.append(f"{trace.get_current_span().get_span_context().trace_id:032x}")

    begun = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = (("traceparent", f"00-{begun}-00f067aa0ba902b7-01".encode()),)
    await each({Knocked: hear})([replace(received("f1", "front"), headers=headers)])
    assert traces == [begun]


def test_the_worst_failure_is_one_that_will_not_pass_else_the_longest_wait() -> None:
    soon, later = (ThrottledError("", retry_after=timedelta(seconds=s)) for s in (1, 60))
    never = PermanentError("never")
    assert worst([soon, never, later]) is never
    assert worst([TransientError(""), soon, later]) is later
