"""Case events of this moment, handed to whoever is looking. Nothing here outlives the process: pages read the store.

A page says which event it has seen (`position` when it was rendered), so that what happened before its stream opened,
or while it was cut off, makes it read again.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agent_desk.handlers.live.pace import Turn, at_once
from guichet.contracts.case_events import CaseEvent, CaseRerouted, FactStated
from guichet.rights.scope import Scope

Concerns = Callable[[CaseEvent], bool]
"""Says whether a stream is told of an event. Streams that give equal ones share it: it is asked once for all."""
_NUMBER = re.compile(r"[0-9]{1,18}")
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
    return isinstance(event, CaseRerouted | FactStated) and scope.covers(as_before(event))


def as_before(event: CaseRerouted | FactStated) -> CaseRerouted | FactStated:
    """Return a re-routing, or what was said of a case, as if it had stayed where, and what, it was."""
    if isinstance(event, FactStated):
        return event.model_copy(update={"procedure": event.from_procedure})
    was = {"sector": event.from_sector, "department": event.from_department, "procedure": event.from_procedure}
    return event.model_copy(update=was)


class _Signal:
    """Wakes whoever waits for it, and nobody who comes later."""

    def __init__(self) -> None:
        self._sent = asyncio.Event()

    def send(self) -> None:
        self._sent.set()
        self._sent = asyncio.Event()

    async def wait(self) -> None:
        await self._sent.wait()


class _Audience:
    """The streams that are told of the same. newest: the number of the last event that concerned them."""

    def __init__(self, concerned: Concerns) -> None:
        self.streams = 0
        self.newest = 0
        self.event: CaseEvent | None = None
        self.news = _Signal()
        self._concerned = concerned

    def notify(self, number: int, event: CaseEvent) -> None:
        """Wake the streams, if it concerns them."""
        if self._concerned(event):
            self.newest, self.event = number, event
            self.news.send()


class LiveFeed:
    """Remembers the last events and wakes the streams they concern. Slow readers skip to the newest."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(4)  # positions of an earlier process mean nothing here
        self._count = 0
        self._recent: deque[tuple[int, CaseEvent]] = deque(maxlen=REMEMBERED)
        self._audiences: dict[Concerns, _Audience] = {}  # at most one for each open stream
        self._interrupted = _Signal()

    @property
    def position(self) -> str:
        """Where the feed stands now; a page carries it to its stream."""
        return f"{self._run}-{self._count}"

    @property
    def recent(self) -> tuple[CaseEvent, ...]:
        """The last events, the oldest first."""
        return tuple(event for _, event in self._recent)

    def since(self, seen: str) -> tuple[CaseEvent, ...]:
        """Return the remembered events after a position, the oldest first."""
        _, number = self._read(seen)
        return tuple(event for count, event in self._recent if count > number)

    def put(self, event: CaseEvent) -> None:
        """Hand an event to every stream that it concerns."""
        self._count += 1
        self._recent.append((self._count, event))
        for audience in self._audiences.values():
            audience.notify(self._count, event)

    def interrupt(self) -> None:
        """Say that events may have been missed: every page reads again."""
        self._run = secrets.token_hex(4)
        self._interrupted.send()
        for audience in self._audiences.values():
            audience.news.send()

    async def changes(self, seen: str, concerned: Concerns, turn: Turn = at_once) -> AsyncGenerator[Change]:
        """Yield a Change whenever events after `seen` satisfy `concerned`; several until its turn are one Change.

        One without an event, which waits for no turn, where events may have been missed.
        """
        run, number = self._read(seen)
        with self._joined(concerned) as audience:
            while True:
                while run == self._run and audience.newest <= number:
                    await audience.news.wait()
                if run == self._run:
                    await self._unless_interrupted(turn)
                event = audience.event if run == self._run else None
                run, number = self._run, self._count
                yield Change(self.position, event)

    async def events(self, seen: str, concerned: Concerns) -> AsyncGenerator[CaseEvent]:
        """Yield every event after `seen` that satisfies `concerned`, but those that may have been missed."""
        run, number = self._read(seen)
        number = number if run else self._count
        with self._joined(concerned) as audience:
            while True:
                while audience.newest <= number:
                    await audience.news.wait()
                found = [event for count, event in self._recent if count > number and concerned(event)]
                number = self._count
                for event in found:
                    yield event

    async def _unless_interrupted(self, turn: Turn) -> None:
        waiting = [asyncio.ensure_future(turn()), asyncio.ensure_future(self._interrupted.wait())]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in waiting:
                each.cancel()

    @contextmanager
    def _joined(self, concerned: Concerns) -> Iterator[_Audience]:
        """Give the audience of a stream for as long as it is open. A new one is told what is remembered."""
        audience = self._audiences.get(concerned)
        if audience is None:
            audience = self._audiences[concerned] = _Audience(concerned)
            for number, event in self._recent:
                audience.notify(number, event)
        audience.streams += 1
        try:
            yield audience
        finally:
            audience.streams -= 1
            if not audience.streams:
                del self._audiences[concerned]

    def _read(self, seen: str) -> tuple[str, int]:
        """Return run and number of a position; of one behind which something was forgotten, or not ours, no run."""
        run, _, number = seen.partition("-")
        oldest = self._recent[0][0] if self._recent else self._count + 1
        if run != self._run or _NUMBER.fullmatch(number) is None or int(number) + 1 < oldest:
            return "", 0
        return run, int(number)
