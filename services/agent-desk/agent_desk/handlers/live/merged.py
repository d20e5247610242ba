"""Two streams in one: a browser keeps few connections to a host."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def merged(main: AsyncIterator[T], other: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield what either yields, as it comes, until `main` ends."""
    coming: dict[asyncio.Future[T], AsyncIterator[T]] = {
        asyncio.ensure_future(anext(each)): each for each in (main, other)
    }
    try:
        while True:
            done, _ = await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                source = coming.pop(each)
                try:
                    found = each.result()
                except StopAsyncIteration:
                    if source is main:
                        return
                    continue
                yield found
                coming[asyncio.ensure_future(anext(source))] = source
    finally:
        for each in coming:
            each.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
