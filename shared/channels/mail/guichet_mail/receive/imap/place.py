"""How far a mailbox has been read, and what is read next. Pure: numbers and dates in, a place out.

A place is a mailbox's count (UIDVALIDITY) and how far in it (UID). It moves up to the first mail that is not safe yet;
what is safe beyond that is remembered by this process alone, and read again by the next (the same mails by their ids).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from guichet.channel.mailbox_places import Place

OVERLAP: Final = timedelta(days=30)  # mails moved in from elsewhere bring older dates
REMEMBERED: Final = timedelta(days=400)  # how long an erased message's bare id is (guichet.store.messages.erase)
TRIES: Final = 3  # at a mail that the server lists and does not give


def place_to_read_from(
    known: Place | None, validity: int, begins: datetime, now: datetime, *, is_set_back: bool = False
) -> Place:
    """Return where reading begins: where it ended, or where a new count does.

    begins: the first moment whose mails are taken in. now: aware. is_set_back: whether numbers are given again that
    mails had before, without a new count.
    """
    if known is None:
        return Place(validity, 0, floor=begins)
    if known.validity == validity and not is_set_back:
        return known
    return Place(validity, 0, floor=_read_again_from(known, now), newest=known.newest)


def _read_again_from(known: Place, now: datetime) -> datetime:
    """Return from which date on a mailbox is read again that counts anew: everything that may not be safe.

    What was taken in before is known by its ids, also where it was erased, for as long as these are remembered. Past
    that only what is newer than all that is safe is taken: nothing that was erased is made again.
    """
    if known.newest is None:
        return known.floor
    if now - known.newest + OVERLAP > REMEMBERED:
        return max(known.floor, known.newest + timedelta(seconds=1))  # a mailbox's dates are whole seconds
    return max(known.floor, known.newest - OVERLAP)


def dates_that_count(dates: Mapping[int, datetime | None], now: datetime) -> dict[int, datetime | None]:
    """Return the dates of mails that are safe, none to come: by such a one, all that comes until then would lie behind
    the next new count's beginning."""
    return {uid: None if date is None else min(date, now) for uid, date in dates.items()}


@dataclass
class Progress:
    """What is under way in a mailbox, above its place."""

    place: Place
    _open: set[int] = field(default_factory=set)
    _done: dict[int, datetime | None] = field(default_factory=dict)
    _top: int = 0
    _tries: dict[int, int] = field(default_factory=dict)

    def listed(self, uids: Iterable[int]) -> None:
        """Hear which mails there are above the place: those that are no longer there have been seen to."""
        there = {uid for uid in uids if uid > self.place.uid}
        self._open = there - self._done.keys()
        self._tries = {uid: tries for uid, tries in self._tries.items() if uid in there}
        self._top = max([self._top, *there])
        self._settle()

    @property
    def due(self) -> list[int]:
        """What is to be taken in, in the mailbox's order."""
        return sorted(self._open)

    def done(self, dates: Mapping[int, datetime | None]) -> None:
        """Hear that mails are safe, or none of ours. dates: the mailbox's own; None: one that shall not count."""
        self._open -= dates.keys()
        self._done.update(dates)
        self._settle()

    def not_given(self, uids: Iterable[int]) -> list[int]:
        """Hear which mails the server did not give; return those that were asked for often enough."""
        for uid in uids:
            self._tries[uid] = self._tries.get(uid, 0) + 1
        given_up = [uid for uid, tries in self._tries.items() if tries >= TRIES and uid in self._open]
        self.done(dict.fromkeys(given_up))
        return given_up

    def _settle(self) -> None:
        uid = min(self._open) - 1 if self._open else self._top
        settled = [self._done.pop(each) for each in [*self._done] if each <= uid]
        dates = [date for date in (self.place.newest, *settled) if date is not None]
        self.place = replace(self.place, uid=max(self.place.uid, uid), newest=max(dates, default=None))
