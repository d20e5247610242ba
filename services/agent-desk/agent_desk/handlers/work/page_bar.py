"""What the bar of each page tells its reader, and how they like pages to be: it prevents no page and no form.

Each part is read by itself. What cannot be read, whatever the reason, is left out and logged: nobody loses what they
typed because a number beside a link cannot be counted.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.work.news_board import NewsBoard
from guichet.case.record import CaseRecord
from guichet.errors import TransientError
from guichet.store.agents.preferences import Preference, Preferences
from guichet.store.messages.suspended import SuspendedMailReader
from guichet.store.messages.suspension import SuspensionState

log = structlog.get_logger()
Part = TypeVar("Part")


@dataclass(frozen=True)
class PageBar:
    """Fills the bar. No method raises."""

    preferences: Preferences
    news: NewsBoard
    suspended: SuspendedMailReader

    async def filled(self, visitor: Visitor) -> Visitor:
        """Return a visitor with what the bar tells them."""
        liked, unseen, suspended = await asyncio.gather(
            _if_readable("preferences", self.preferences.of(visitor.agent.agent_id)),
            self.unseen(visitor),
            self._suspended(visitor),
        )
        liked = liked or _asks_for_nothing(visitor)
        visitor = replace(visitor, keys=liked.keys, notified=liked.notify and visitor.answers)
        return replace(visitor, news=unseen, suspended=suspended)

    async def _suspended(self, visitor: Visitor) -> int | None:
        if not visitor.agent.suspended_mail:
            return visitor.suspended
        return await _if_readable("suspended", self.suspended.count(visitor.suspended_scope, SuspensionState.WAITING))

    async def unseen(self, visitor: Visitor) -> int | None:
        """Return how much is addressed to a visitor that they have not seen; None where that cannot be read."""
        unseen = await _if_readable("news", self.news.unseen(visitor))
        return None if unseen is None else len(unseen)

    async def opened(self, visitor: Visitor, case: CaseRecord) -> Visitor:
        """Note that a visitor has seen what is told of a case; return them with the count of what is left."""
        if visitor.news == 0:
            return visitor
        await _if_readable("news", self.news.see_case(visitor, case.case_id))
        return replace(visitor, news=await self.unseen(visitor))


async def _if_readable(part: str, reading: Awaitable[Part]) -> Part | None:
    try:
        return await reading
    except TransientError as exc:
        log.warning("left out of the bar for now", part=part, error=str(exc))
    except Exception as exc:  # of a document, say; what it quotes is told to nobody
        log.error("left out of the bar", part=part, error=type(exc).__name__)
    return None


def _asks_for_nothing(visitor: Visitor) -> Preference:
    """Return what holds where nobody knows what a visitor likes: no letter alone acts, nothing notifies."""
    return Preference(_id=visitor.agent.agent_id, keys=False)
