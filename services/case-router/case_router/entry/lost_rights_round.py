"""Look again and again whether an agent lost a right: nobody tells the router, and a day that ends tells nobody."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, NoReturn

from guichet.clock import Sleep
from guichet.runtime.rounds import in_rounds

LOOK_EVERY: Final = timedelta(seconds=30)


async def look_for_lost_rights(look: Callable[[], Awaitable[None]], sleep: Sleep) -> NoReturn:
    """Go on until cancelled."""
    await in_rounds(look, LOOK_EVERY, sleep, "lost rights are not looked for")
