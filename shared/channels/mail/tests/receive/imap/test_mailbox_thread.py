"""A conversation that blocks has a thread of its own."""

import asyncio
import threading

import pytest

from guichet_mail.receive.imap.connection.mailbox_thread import OwnThread


async def test_calls_of_a_mailbox_run_one_after_the_other_in_one_thread_of_their_own() -> None:
    thread, order = OwnThread("imap contact"), list[int]()
    names = await asyncio.gather(*(thread.run(lambda each=each: _note(order, each)) for each in range(5)))
    assert order == [*range(5)]
    assert {*names} == {"imap contact"}
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    ended = threading.Event()
    thread.end_with(ended.set)
    assert await asyncio.to_thread(ended.wait, 5)


async def test_who_waits_no_longer_leaves_the_call_to_end_by_itself() -> None:
    thread, may_go_on, went_on = OwnThread("imap contact"), threading.Event(), threading.Event()

    def slow() -> None:
        may_go_on.wait(5)
        went_on.set()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await thread.run(slow)
    may_go_on.set()
    assert await asyncio.to_thread(went_on.wait, 5)
    assert await thread.run(lambda: 7) == 7
    thread.end_with(lambda: None)


def _note(order: list[int], each: int) -> str:
    order.append(each)
    return threading.current_thread().name
