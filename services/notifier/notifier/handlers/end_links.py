"""Take the page out of views whose link has ended: what is left says that there was a link, and shows nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.clock import Sleep
from guichet.errors import TransientError
from guichet.store.follow_views.store import FollowViews

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(minutes=10)  # the portal shows nothing from the very moment; this is for what lies there


@dataclass(frozen=True)
class EndedLinks:
    """The round."""

    views: FollowViews
    clock: Callable[[], datetime]
    sleep: Sleep

    async def end(self) -> int:
        """Empty what has ended; return how many views. Raises TransientError."""
        ended = await self.views.end(self.clock())
        if ended:
            log.info("follow links ended", views=ended)
        return ended

    async def end_on(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.end()
            except TransientError as exc:
                log.warning("ended links later", error=str(exc))
            await self.sleep(LOOK_EVERY)
