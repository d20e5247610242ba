"""Take the page out of views whose link has ended: what is left says that there was a link, and shows nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.store.follow_views.store import FollowViews

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(minutes=10)  # the portal shows nothing from the very moment; this is for what lies there


async def end_links(views: FollowViews, clock: Callable[[], datetime]) -> int:
    """Empty what has ended; return how many views. Raises TransientError."""
    ended = await views.end(clock())
    if ended:
        log.info("follow links ended", views=ended)
    return ended
