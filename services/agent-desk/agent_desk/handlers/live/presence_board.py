"""Who has a case open at this moment: told to the other processes of the desk by the store, and heard from it.

However many pages are open, a process asks once for all of their cases, and says once for all of its own.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId
from guichet.store.agents.presence import Presence, Present, presence_of

log = structlog.get_logger()
LASTS: Final = timedelta(seconds=60)  # of what a process said that died since
SAID_EVERY: Final = timedelta(seconds=20)
LOOK_EVERY: Final = timedelta(seconds=3)
TYPES_FOR: Final = timedelta(seconds=12)  # after a draft was saved; it is every five seconds, while one types
Who = tuple[CaseId, AgentId]
Others = Mapping[AgentId, bool]
"""Who else is at a case, and whether they write an answer."""


@dataclass
class _Page:
    """An agent's open pages of a case. said_at: when the store was told."""

    pages: int = 0
    said_at: datetime | None = None


class PresenceBoard:
    """Knows who is at the cases of which pages are open here. clock: aware UTC."""

    def __init__(self, presence: Presence, clock: Callable[[], datetime]) -> None:
        self._presence, self._clock = presence, clock
        self._process = secrets.token_hex(8)
        self._here: dict[Who, _Page] = {}
        self._there: dict[CaseId, dict[AgentId, bool]] = {}
        self._news = asyncio.Condition()

    @asynccontextmanager
    async def at(self, case: CaseId, agent: AgentId) -> AsyncIterator[None]:
        """Say, for as long as the block lasts, that an agent has a case open."""
        page = self._here.setdefault((case, agent), _Page())
        page.pages += 1
        try:
            yield
        finally:
            page.pages -= 1
            if page.pages == 0:
                del self._here[case, agent]
                await asyncio.shield(self._take_back(case, agent))

    async def types(self, case: CaseId, agent: AgentId) -> None:
        """Say that an agent has just written a part of an answer. While the store is away nobody is told."""
        try:
            await self._presence.types(presence_of(case, agent), self._clock() + TYPES_FOR)
        except TransientError as exc:
            log.warning("who writes is not told", error=str(exc))

    async def others(self, case: CaseId, agent: AgentId) -> AsyncGenerator[Others]:
        """Yield who else is at a case, whenever that changes; first where anybody is."""
        told: Others = {}
        while True:
            async with self._news:
                while (others := self._others(case, agent)) == told:
                    await self._news.wait()
                told = others
            yield told

    async def look(self) -> None:
        """Say who is here, hear who is there, and wake the pages that it concerns. Raises TransientError."""
        now = self._clock()
        before = now - SAID_EVERY
        due = {who: page for who, page in self._here.items() if page.said_at is None or page.said_at <= before}
        await self._presence.put([self._present(*who, now) for who in due])
        for page in due.values():
            page.said_at = now
        await self._hear(now)

    async def _hear(self, now: datetime) -> None:
        cases = {case for case, _ in self._here}
        found: dict[CaseId, dict[AgentId, bool]] = {}
        for each in await self._presence.at(cases, now) if cases else ():
            typing = each.typing_until is not None and each.typing_until > now
            found.setdefault(each.case_id, {})[each.agent] = typing
        if found != self._there:
            async with self._news:
                self._there = found
                self._news.notify_all()

    def _others(self, case: CaseId, agent: AgentId) -> dict[AgentId, bool]:
        return {who: typing for who, typing in self._there.get(case, {}).items() if who != agent}

    def _present(self, case: CaseId, agent: AgentId, now: datetime) -> Present:
        said = {"case_id": case, "agent": agent, "until": now + LASTS, "process": self._process}
        return Present(_id=presence_of(case, agent), **said)

    async def _take_back(self, case: CaseId, agent: AgentId) -> None:
        try:
            await self._presence.gone(presence_of(case, agent), self._process)
        except TransientError as exc:
            log.warning("who has left a case is shown for a minute more", error=str(exc))
