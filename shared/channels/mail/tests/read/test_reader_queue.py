"""Who waits for whom."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from guichet_mail.read.limited_readers.reader_queue import SMALL_BYTES, ReaderQueue

LARGE = SMALL_BYTES + 1


async def order_of_readers(queue: ReaderQueue, *sizes: int) -> tuple[list[int], list[asyncio.Task[None]]]:
    """Let mails of these sizes come, one after the other; return the list in which each writes itself down."""
    served: list[int] = []

    async def one(size: int) -> None:
        async with queue.a_reader(size, 5):
            served.append(size)
            await asyncio.sleep(0)

    tasks = []
    for size in sizes:
        tasks.append(asyncio.create_task(one(size)))
        await asyncio.sleep(0)
    return served, tasks


async def test_large_mails_leave_a_reader_to_small_ones() -> None:
    queue = ReaderQueue(2)
    async with queue.a_reader(LARGE, 1):
        with pytest.raises(TimeoutError):
            async with queue.a_reader(LARGE, 0.01):
                pass
        async with queue.a_reader(10, 0.01), AsyncExitStack() as stack:
            with pytest.raises(TimeoutError):
                await stack.enter_async_context(queue.a_reader(10, 0.01))


async def test_the_smallest_is_next_at_the_reader_of_small_ones() -> None:
    queue = ReaderQueue(2)
    async with queue.a_reader(LARGE, 1):
        async with queue.a_reader(10, 1):
            served, tasks = await order_of_readers(queue, 200_000, LARGE, 100_000, 5)
        small = [task for nth, task in enumerate(tasks) if nth != 1]
        await asyncio.gather(*small)
        assert served == [5, 100_000, 200_000]
    await asyncio.gather(*tasks)


async def test_whoever_waits_longest_is_next_at_the_others_however_large() -> None:
    queue = ReaderQueue(2)
    async with queue.a_reader(10, 1):
        async with queue.a_reader(LARGE, 1):
            served, tasks = await order_of_readers(queue, LARGE, 5, 7)
        await asyncio.gather(*tasks)
    assert served == [LARGE, 5, 7]


async def test_who_gives_up_takes_no_reader_along() -> None:
    queue = ReaderQueue(2)
    async with AsyncExitStack() as busy:
        for _ in range(2):
            await busy.enter_async_context(queue.a_reader(10, 1))
        _, (gone, other) = await order_of_readers(queue, 10, 10)
        await busy.aclose()
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        await other
    for _ in range(2):
        await busy.enter_async_context(queue.a_reader(10, 0.1))
    await busy.aclose()
