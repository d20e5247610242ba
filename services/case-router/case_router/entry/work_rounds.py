"""What the router looks for again and again: rights that ended, of which nobody tells it, and days that have come."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, NoReturn

from guichet.clock import Sleep
from guichet.runtime.rounds import in_rounds

LOOK_EVERY: Final = timedelta(seconds=30)


async def look_again(look: Callable[[], Awaitable[None]], sleep: Sleep, what: str) -> NoReturn:
    """Go on until cancelled. what: for the log."""
    await in_rounds(look, LOOK_EVERY, sleep, "work is not looked for", what=what)
