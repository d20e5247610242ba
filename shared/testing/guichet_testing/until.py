"""Wait for something that happens elsewhere, in another task or process."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from time import monotonic
from typing import Any, TypeVar, overload

A = TypeVar("A")
PATIENCE_S = 60.0  # only who fails waits so long; a sound process of a loaded machine may need half of it
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.2


@overload
async def until(
    ask: Callable[[], Awaitable[A | None]], what: str = ..., *, seconds: float = ..., longest_pause: float = ...
) -> A: ...
@overload
async def until(
    ask: Callable[[], A | None], what: str = ..., *, seconds: float = ..., longest_pause: float = ...
) -> A: ...
async def until(
    ask: Callable[[], Any],
    what: str = "what was waited for",
    *,
    seconds: float = PATIENCE_S,
    longest_pause: float = LONGEST_PAUSE_S,
) -> Any:
    """Ask again until the answer is true, and return it. Raises TimeoutError that names `what` after `seconds`.

    Each pause is a tenth of what has passed, `longest_pause` at most: seen soon, and not asked for all the time.
    """
    began = monotonic()
    try:
        async with asyncio.timeout(seconds) as limit:
            while not (answer := await _answer(ask())):  # noqa: ASYNC110 (what is waited for has no event)
                await asyncio.sleep(min(max((monotonic() - began) / 10, FIRST_PAUSE_S), longest_pause))
            return answer
    except TimeoutError as exc:
        if limit.expired():
            raise TimeoutError(f"not within {seconds:g} s: {what}") from exc
        raise


def as_busy(seconds: float) -> float:
    """Return what a machine as busy as this one may take for what takes an idle one so many seconds."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def _answer(answer: Any) -> Any:
    return await answer if isawaitable(answer) else answer
