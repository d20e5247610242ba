"""Watch over what a person must hear of: overdue legal receipts, and messages whose fate is unknown for good.

A look takes bounded work however many there are: the newest page, so that nothing new waits behind what is old, and
some pages on from where the last look stopped, so that what is over is cleared in its turn.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.ids import CaseId
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import DELIVERIES_UNDECIDED, RECEIPTS_OVERDUE
from guichet.store.deliveries.document import OPEN, DeliveryDocument
from guichet.store.deliveries.watched import Position, Watched, WatchedDeliveries

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=60)
PAGE: Final = 100
PAGES_ON: Final = 5  # a look, beside the newest

ReadPage = Callable[[Position | None], Awaitable[list[Watched]]]
"""Return what comes after a position, newest first, at most PAGE of them."""


@dataclass
class Walk:
    """Raises an alarm for each delivery on the pages, by its case, and clears it for those that are there no more."""

    alarm: Alarm
    read: ReadPage
    alarmed: dict[Position, CaseId] = field(default_factory=dict)
    _reached: Position | None = None
    _of_case: Counter[CaseId] = field(default_factory=Counter)  # how many of `alarmed`: thousands may end at once

    async def look(self) -> None:
        """Look at the newest page, then at some more. Raises TransientError."""
        second = await self._page(None)
        self._reached = self._reached or second
        for _ in range(PAGES_ON):
            if self._reached is None:
                return
            self._reached = await self._page(self._reached)

    def note(self, position: Position, case: CaseId) -> None:
        """Raise the alarm of a delivery now; the next look that comes by clears it, if nothing is owed any more."""
        self._raise(position, case)

    async def _page(self, after: Position | None) -> Position | None:
        """Look at a page; return where the next one begins, None where there is none."""
        known = [*self.alarmed.items()]  # what is noted while the page is read is on none yet
        page = await self.read(after)
        end = page[-1].position if len(page) == PAGE else None
        owed = {each.position: each.case_id for each in page if each.is_owed}
        for position, case in known:
            if position not in owed and (after is None or position < after) and (end is None or position >= end):
                self._clear(position, case)
        for position, case in owed.items():
            self._raise(position, case)
        return end

    def _raise(self, position: Position, case: CaseId) -> None:
        if position not in self.alarmed:
            log.error("a person must hear of it", alarm=self.alarm.value, case_id=case)
            raise_alarm(self.alarm, case)
            self.alarmed[position] = case
            self._of_case[case] += 1

    def _clear(self, position: Position, case: CaseId) -> None:
        del self.alarmed[position]
        self._of_case[case] -= 1
        if not self._of_case[case]:
            del self._of_case[case]
            clear_alarm(self.alarm, case)


@dataclass
class Watch:
    """Both walks, and a look at `closed`, lanes of known channels that nobody serves; again and again."""

    watched: WatchedDeliveries
    clock: Callable[[], datetime]
    has_due: Callable[[str, datetime], Awaitable[bool]]
    closed: Collection[str] = ()

    def __post_init__(self) -> None:
        self._overdue = Walk(Alarm.RECEIPT_OVERDUE, lambda after: self.watched.overdue(self.clock(), after, PAGE))
        self._undecided = Walk(Alarm.DELIVERY_UNDECIDED, lambda after: self.watched.undecided(after, PAGE))

    def note_owed(self, owed: Sequence[DeliveryDocument]) -> None:
        """Raise the alarm of receipts that are late as they are owed: they may have left before the next look, and
        after an outage of ours a person must hear of them all the same (docs/law.md 8)."""
        now = self.clock()
        for each in owed:
            if each.state in OPEN and each.overdue_at is not None and each.overdue_at <= now:
                self._overdue.note(Position(each.overdue_at, each.outbound_id), each.case_id)

    async def look(self) -> None:
        """Look once at each. Raises TransientError."""
        await self._overdue.look()
        RECEIPTS_OVERDUE.set(len(self._overdue.alarmed))
        await self._undecided.look()
        DELIVERIES_UNDECIDED.set(len(self._undecided.alarmed))
        for lane in self.closed:
            if await self.has_due(lane, self.clock()):
                raise_alarm(Alarm.CHANNEL_OFF, lane)
            else:
                clear_alarm(Alarm.CHANNEL_OFF, lane)
