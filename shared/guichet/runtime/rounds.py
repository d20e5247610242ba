"""Work that is done again and again, beside what a worker reads."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NoReturn

import structlog

from guichet.clock import Sleep
from guichet.errors import TransientError

log = structlog.get_logger()


async def in_rounds(
    work: Callable[[], Awaitable[object]], every: timedelta, sleep: Sleep, waits: str, **about: str
) -> NoReturn:
    """Do it, and again `every` after its end, until cancelled: work that ends an attempt first when it is cancelled
    does so. An outage is made good by the next round; another error ends the loop.

    waits: what the log says while a server is away. about: of which round, in the log.
    """
    while True:
        try:
            await work()
        except TransientError as exc:
            log.warning(waits, error=str(exc), **about)
        await sleep(every)
