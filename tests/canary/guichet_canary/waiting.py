"""Wait for what comes by itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

A = TypeVar("A")
WITHIN_S: Final = 60.0


async def until(ask: Callable[[], Awaitable[A | None]], what: str) -> A:
    """Ask again until the answer is true, and return it. Raises AssertionError naming `what` after WITHIN_S."""
    end = time.monotonic() + WITHIN_S
    while not (answer := await ask()):
        assert time.monotonic() < end, f"{what}: not within {WITHIN_S:g} s"
        await asyncio.sleep(0.3)
    return answer
