"""From a sector's own citizen id back to the registry's, in memory only.

Nothing at rest joins two sectors, so the way back is computed: every registry id under the sector's key, once per
process, then only those that are new. Of this month's all are read again to find them, since nobody's coming is kept
more exactly: one reading for every sector, some 5 ms for two thousand. 100,000 citizens take about half a second for a
sector, and 12 MB; their ids, once for all, 18.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from guichet.ids import CitizenId, SectorCitizenId, SectorId
from guichet.privacy.coarse_times import month_of
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.registry.reader import CitizenExists, CitizenReader

OVERLAP: Final = timedelta(minutes=2)  # clocks of two routers differ, and one may write late
WHOLE_AGAIN: Final = timedelta(minutes=5)  # finds merged citizens, and tires of asking for erased ones


class SectorIndex:
    """Knows the registry's id behind a sector's."""

    def __init__(self, *, reader: CitizenReader, sector_master_key: bytes, clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._key = sector_master_key
        self._clock = clock
        self._registry = _Registry(generation=0)
        self._known: dict[SectorId, _Sector] = {}
        self._whole_at: datetime | None = None
        self._reading = asyncio.Lock()
        self._begun = self._read = 0  # how many readings began, and the last that came to its end

    async def resolve(self, wanted: Collection[tuple[SectorId, SectorCitizenId]]) -> dict[SectorCitizenId, CitizenId]:
        """Return the registry ids of those who exist. Raises TransientError."""
        if not all(citizen in self._citizens_of(sector) for sector, citizen in wanted):
            begun = self._begun
            async with self._reading:
                if self._read <= begun:  # else one that began after we asked has come to its end
                    await self._catch_up()
                for sector in sorted({sector for sector, _ in wanted}):
                    await self._follow(sector)
        return {
            citizen: self._citizens_of(sector)[citizen]
            for sector, citizen in wanted
            if citizen in self._citizens_of(sector)
        }

    def _citizens_of(self, sector: SectorId) -> Mapping[SectorCitizenId, CitizenId]:
        known = self._known.get(sector)
        return known.citizens if known is not None else {}

    async def _catch_up(self) -> None:
        self._begun += 1
        begun, now = self._begun, self._clock()
        whole = self._whole_at is None or now - self._whole_at > WHOLE_AGAIN
        found = await self._reader.who_exists(None if whole else month_of(now - OVERLAP))
        if whole:
            self._registry, self._whole_at = _Registry(begun), now
        self._registry.learn(found)
        self._read = begun

    async def _follow(self, sector: SectorId) -> None:
        """Let a sector know whom the registry knows."""
        known = self._known.get(sector)
        if known is None or known.generation != self._registry.generation:
            known = _Sector(self._registry.generation)
        new = self._registry.names[known.followed :]
        known.citizens.update(await asyncio.to_thread(self._as_sector, sector, new) if new else {})
        known.followed += len(new)
        self._known[sector] = known

    def _as_sector(
        self, sector: SectorId, names: Iterable[tuple[CitizenId, CitizenId]]
    ) -> dict[SectorCitizenId, CitizenId]:
        return {sector_citizen_id(self._key, sector, name): citizen for name, citizen in names}


class _Registry:
    """Every id that somebody has or had, and whose it is, in the order in which they were learnt.

    generation: it changes when all are read anew.
    """

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.names: list[tuple[CitizenId, CitizenId]] = []
        self._whose: dict[CitizenId, CitizenId] = {}

    def learn(self, citizens: Iterable[CitizenExists]) -> None:
        """Add what is new in them."""
        for citizen in citizens:
            for name in (*citizen.formerly, citizen.citizen_id):
                if self._whose.get(name) != citizen.citizen_id:
                    self._whose[name] = citizen.citizen_id
                    self.names.append((name, citizen.citizen_id))


class _Sector:
    """Those whom a sector knows. generation: of the registry that it follows; followed: how many of its names."""

    def __init__(self, generation: int) -> None:
        self.generation, self.followed = generation, 0
        self.citizens: dict[SectorCitizenId, CitizenId] = {}
