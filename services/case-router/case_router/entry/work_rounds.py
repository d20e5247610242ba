"""What the router looks for again and again: rights that ended, of which nobody tells it, days that have come, and
what departments did a day."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, NoReturn

from guichet.clock import Sleep
from guichet.runtime.rounds import in_rounds

LOOK_EVERY: Final = timedelta(seconds=30)
COUNT_EVERY: Final = timedelta(minutes=10)


async def look_again(
    look: Callable[[], Awaitable[None]], sleep: Sleep, what: str, every: timedelta = LOOK_EVERY
) -> NoReturn:
    """Go on until cancelled. what: for the log."""
    await in_rounds(look, every, sleep, "work is not looked for", what=what)
