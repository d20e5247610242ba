"""Server-sent events for a page: that something changed, never what; the page then reads, within its scope."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from sse_starlette import ServerSentEvent

from agent_desk.handlers.live.live_feed import Change, LiveFeed, concerns
from guichet.contracts.case_events import CaseDestroyed, CaseEvent
from guichet.ids import CaseId
from guichet.rights.scope import Scope

SESSION_CHECKED_EVERY_S: Final = 30.0
StillSignedIn = Callable[[], Awaitable[bool]]
Announce = Callable[[CaseEvent], str]


async def list_stream(
    scope: Scope, seen: str, *, feed: LiveFeed, still_signed_in: StillSignedIn, announce: Announce
) -> AsyncIterator[ServerSentEvent]:
    """Yield `changed` for every change within the scope, and `announcement` with a sentence for screen readers."""
    changes = feed.changes(seen, lambda event: concerns(scope, event))
    async for change in _while_signed_in(changes, still_signed_in):
        yield ServerSentEvent(event="changed", data="")
        if change.event is not None:
            yield ServerSentEvent(event="announcement", data=announce(change.event))


async def case_stream(
    scope: Scope, case: CaseId, seen: str, *, feed: LiveFeed, still_signed_in: StillSignedIn
) -> AsyncIterator[ServerSentEvent]:
    """Yield `changed` for every change of one case, for as long as it exists and stays within the scope."""
    changes = feed.changes(seen, lambda event: event.case_id == case and concerns(scope, event))
    async for change in _while_signed_in(changes, still_signed_in):
        yield ServerSentEvent(event="changed", data="")
        if change.event is not None and _is_the_last(change.event, scope):
            return


def _is_the_last(event: CaseEvent, scope: Scope) -> bool:
    return isinstance(event, CaseDestroyed) or not scope.covers(event)


async def _while_signed_in(changes: AsyncIterator[Change], still_signed_in: StillSignedIn) -> AsyncIterator[Change]:
    """Pass changes on until the session is over; it is looked up before each, and from time to time in between."""
    coming: asyncio.Future[Change] = asyncio.ensure_future(anext(changes))
    try:
        while await still_signed_in():
            await asyncio.wait({coming}, timeout=SESSION_CHECKED_EVERY_S)
            if coming.done() and await still_signed_in():
                yield coming.result()
                coming = asyncio.ensure_future(anext(changes))
    finally:
        coming.cancel()
