"""Many small deeds as a few large ones, without waiting for company."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class InBulk(Generic[T]):
    """What is asked for while a deed is under way is done by the next one, all of it together."""

    def __init__(self, deed: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._deed = deed
        self._waiting: list[T] = []
        self._under_way: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def __call__(self, item: T) -> None:
        """Return when the deed is done with `item`. Raises what the deed raises, to everybody whom it was done for."""
        self._waiting.append(item)
        if self._next is None:
            self._next = asyncio.create_task(self._do_after(self._under_way))
        await asyncio.shield(self._next)

    async def _do_after(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        items, self._waiting = self._waiting, []
        self._under_way, self._next = self._next, None
        await self._deed(items)
