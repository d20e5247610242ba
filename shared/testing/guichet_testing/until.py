"""Wait for something that happens elsewhere, in another task or process."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 60.0  # only who fails waits so long; a sound process of a loaded machine may need half of it


async def until(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Return once `condition()` holds. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)
