"""Case events of this moment, handed to whoever is looking. Nothing here outlives the process: pages read the store.

A page says which event it has seen (`position` when it was rendered), so that what happened before its stream opened,
or while it was cut off, makes it read again.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import partial

from agent_desk.handlers.live.pace import Turn, at_once
from guichet.contracts.case_events import CaseDestroyed, CaseEvent, CaseRerouted
from guichet.rights.scope import Scope

Concerns = Callable[[CaseEvent], bool]
_NUMBER = re.compile(r"[0-9]{1,18}")
_TAKES_AWAY = (CaseRerouted, CaseDestroyed)
REMEMBERED = 500  # under 2 MiB; a page that missed more reads again anyway


@dataclass(frozen=True)
class Change:
    """What a stream tells: something the page shows has changed. event: the newest one, None after a gap."""

    position: str
    event: CaseEvent | None


def concerns(scope: Scope, event: CaseEvent) -> bool:
    """Say whether a scope may know of an event: the case is in it, or was until this event took it away."""
    if scope.covers(event):
        return True
    return isinstance(event, CaseRerouted) and scope.covers(_before(event))


def _before(event: CaseRerouted) -> CaseRerouted:
    was = {"sector": event.from_sector, "department": event.from_department, "procedure": event.from_procedure}
    return event.model_copy(update=was)


class LiveFeed:
    """Remembers the last events and wakes the streams they concern. Slow readers skip to the newest."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(4)  # positions of an earlier process mean nothing here
        self._count = 0
        self._recent: deque[tuple[int, CaseEvent]] = deque(maxlen=REMEMBERED)
        self._news = asyncio.Condition()

    @property
    def position(self) -> str:
        """Where the feed stands now; a page carries it to its stream."""
        return f"{self._run}-{self._count}"

    @property
    def recent(self) -> tuple[CaseEvent, ...]:
        """The last events, the oldest first."""
        return tuple(event for _, event in self._recent)

    async def put(self, event: CaseEvent) -> None:
        """Hand an event to every stream that it concerns."""
        async with self._news:
            self._count += 1
            self._recent.append((self._count, event))
            self._news.notify_all()

    async def interrupt(self) -> None:
        """Say that events may have been missed: every page reads again."""
        async with self._news:
            self._run = secrets.token_hex(4)
            self._news.notify_all()

    async def changes(self, seen: str, concerned: Concerns, turn: Turn = at_once) -> AsyncGenerator[Change]:
        """Yield a Change whenever events after `seen` satisfy `concerned`; several until its turn are one Change."""
        while True:
            async with self._news:
                while self.position == seen:
                    await self._news.wait()
            if self._since(seen, concerned) is not None:
                await turn(partial(self._is_urgent, seen, concerned))
            change, seen = self._since(seen, concerned), self.position
            if change is not None:
                yield change

    def _is_urgent(self, seen: str, concerned: Concerns) -> bool:
        return self._since(seen, lambda event: isinstance(event, _TAKES_AWAY) and concerned(event)) is not None

    def _since(self, seen: str, concerned: Concerns) -> Change | None:
        run, _, number = seen.partition("-")
        oldest = self._recent[0][0] if self._recent else self._count + 1
        if run != self._run or _NUMBER.fullmatch(number) is None or int(number) + 1 < oldest:
            return Change(self.position, None)
        events = [event for count, event in self._recent if count > int(number) and concerned(event)]
        return Change(self.position, events[-1]) if events else None
