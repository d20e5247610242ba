"""Do something at a steady rate, as citizens write: the next begins on time even if the one before is not done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def at_rate(per_second: float, things: Iterable[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Begin with one thing every 1 ÷ per_second seconds; return when all are done."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as tasks:
        for number, thing in enumerate(things):
            await asyncio.sleep(max(0.0, begun + number / per_second - loop.time()))
            tasks.create_task(_done(do(thing)))


async def _done(work: Awaitable[None]) -> None:
    await work
