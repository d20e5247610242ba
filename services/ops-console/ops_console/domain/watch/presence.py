"""Who is there. Pure: answers and instants are given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.runtime.overview import ServiceStanding, ServiceState, SpendingStanding
from ops_console.domain.watch.scrape import Scrape

SPENDS: Final = "notifier"
PATIENCE_AT_START: Final = timedelta(seconds=60)  # the whole stack starts at once, the console among the first


@dataclass
class ServicePresence:
    """One service. heard: its last answer; missed_since: when it first failed to answer after that."""

    heard: Scrape | None = None
    missed_since: datetime | None = None
    unready_since: datetime | None = None


class Presences:
    """Remembers who answered. down_after: how long a service may be silent, or wait for a part, before an alarm."""

    def __init__(self, targets: Mapping[str, str], *, down_after: timedelta, started_at: datetime) -> None:
        self._targets = targets
        self._down_after = down_after
        self._started_at = started_at
        self._presences = {service: ServicePresence() for service in targets}

    def take(self, scrapes: Mapping[str, Scrape | None], now: datetime) -> None:
        """Take one round of answers into account; None: no answer."""
        for service, scrape in scrapes.items():
            presence = self._presences[service]
            if scrape is None:
                presence.missed_since = presence.missed_since or now
                continue
            presence.heard, presence.missed_since = scrape, None
            presence.unready_since = (presence.unready_since or now) if scrape.missing else None

    def standings(self, now: datetime) -> tuple[ServiceStanding, ...]:
        """Return how every service stands, in the order of the targets."""
        return tuple(self._standing(service, now) for service in self._targets)

    def silent(self) -> set[str]:
        """Return those that do not answer now: what they would say is unknown."""
        return {service for service, each in self._presences.items() if each.missed_since or each.heard is None}

    def alarms(self) -> Iterable[tuple[str, Scrape]]:
        """Return what those that answer say."""
        silent = self.silent()
        return [(name, each.heard) for name, each in self._presences.items() if each.heard and name not in silent]

    def spending(self) -> tuple[SpendingStanding, ...]:
        """Return what letters cost, as the notifier last said; nobody else is believed."""
        heard = self._presences[SPENDS].heard if SPENDS in self._presences else None
        return heard.spending if heard else ()

    def parts_away(self, now: datetime) -> dict[str, set[str]]:
        """Return the parts that have been missing for too long → who misses them."""
        found: dict[str, set[str]] = {}
        for service, presence in self._presences.items():
            if presence.heard and presence.unready_since and now - presence.unready_since >= self._down_after:
                for part in presence.heard.missing:
                    found.setdefault(part, set()).add(service)
        return found

    def _standing(self, service: str, now: datetime) -> ServiceStanding:
        presence = self._presences[service]
        heard = presence.heard or Scrape()
        return ServiceStanding(
            service=service,
            url=self._targets[service],
            state=self._state(presence, now),
            missing=heard.missing,
            version=heard.version,
            started_at=heard.started_at,
            removed={place: heard.removed[place] for place in sorted(heard.removed)},
        )

    def _state(self, presence: ServicePresence, now: datetime) -> ServiceState:
        if presence.heard is None:
            is_early = now - self._started_at < max(PATIENCE_AT_START, self._down_after)
            return ServiceState.AWAITED if is_early else ServiceState.DOWN
        if presence.missed_since is not None:
            is_down = now - presence.missed_since >= self._down_after
            return ServiceState.DOWN if is_down else ServiceState.SILENT
        return ServiceState.NOT_READY if presence.heard.missing else ServiceState.READY
