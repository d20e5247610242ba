"""Since when each alarm holds, where it was announced, and what is over. Pure: every instant is given.

An alarm whose source is silent is neither kept up nor over: it stays as it was until the source speaks again.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from guichet.runtime.overview import AlarmStanding
from ops_console.domain.alarms.alarm_rules import Holding
from ops_console.domain.watch.scrape import AlarmKey

SETTLING: Final = timedelta(seconds=10)  # a cause that flickers is one cause
REMEMBERED: Final = timedelta(hours=1)


@dataclass
class Entry:
    """One cause, from its first sign to an hour after its end. announced_by: the channels that took the notice."""

    key: AlarmKey
    since: datetime
    last_seen: datetime
    raised_by: set[str]
    cleared_at: datetime | None = None
    announced_by: set[str] = field(default_factory=set)

    def standing(self) -> AlarmStanding:
        """Return it as the overview shows it."""
        return AlarmStanding(
            alarm=self.key[0],
            cause=self.key[1],
            raised_by=tuple(sorted(self.raised_by)),
            since=self.since,
            cleared_at=self.cleared_at,
            told=tuple(sorted(self.announced_by)),
        )


class AlarmBook:
    """Every alarm that holds, and those that ended within the last hour."""

    def __init__(self) -> None:
        self._holding: dict[AlarmKey, Entry] = {}
        self._cleared: list[Entry] = []

    def take(self, holding: Holding, silent: Collection[str], now: datetime) -> None:
        """Take one round into account. silent: the sources that said nothing this time."""
        for key, raised_by in holding.items():
            entry = self._holding.setdefault(key, Entry(key, now, now, set()))
            kept = entry.raised_by & set(silent)
            entry.last_seen, entry.raised_by = now, raised_by | kept
        for entry in [each for each in self._holding.values() if each.key not in holding]:
            if entry.raised_by & set(silent):
                entry.last_seen = now
            elif now - entry.last_seen >= SETTLING:
                self._clear(entry, now)
        self._cleared = [each for each in self._cleared if each.cleared_at and now - each.cleared_at < REMEMBERED]

    def holding(self) -> list[Entry]:
        """Return what holds, oldest first."""
        return sorted(self._holding.values(), key=lambda entry: (entry.since, entry.key))

    def cleared(self) -> list[Entry]:
        """Return what is over, newest first."""
        return list(reversed(self._cleared))

    def unannounced(self, channel: str) -> list[Entry]:
        """Return what `channel` has not announced yet, what has ended meanwhile included: nothing passes unsaid."""
        return [entry for entry in [*self._cleared, *self.holding()] if channel not in entry.announced_by]

    def _clear(self, entry: Entry, now: datetime) -> None:
        entry.cleared_at = now
        del self._holding[entry.key]
        self._cleared.append(entry)
