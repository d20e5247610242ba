"""From a sector's own citizen id back to the registry's, in memory only.

Nothing at rest joins two sectors, so the way back is computed: every registry id under the sector's key, once per
process, then only those of this month, since nobody's coming is kept more exactly. 100,000 citizens take about half a
second for a sector, and a few megabytes.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
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
        self._known: dict[SectorId, dict[SectorCitizenId, CitizenId]] = {}
        self._whole_at: dict[SectorId, datetime] = {}
        self._reading = asyncio.Lock()
        self._begun: Counter[SectorId] = Counter()  # how many readings began, and the last that came to its end
        self._read: Counter[SectorId] = Counter()

    async def resolve(self, wanted: Collection[tuple[SectorId, SectorCitizenId]]) -> dict[SectorCitizenId, CitizenId]:
        """Return the registry ids of those who exist. Raises TransientError."""
        for sector in sorted({sector for sector, citizen in wanted if citizen not in self._known.get(sector, {})}):
            begun = self._begun[sector]
            async with self._reading:
                if self._read[sector] <= begun:  # else one that began after we asked has come to its end
                    await self._catch_up(sector)
        return {citizen: self._known[sector][citizen] for sector, citizen in wanted if citizen in self._known[sector]}

    async def _catch_up(self, sector: SectorId) -> None:
        self._begun[sector] += 1
        now = self._clock()
        whole = sector not in self._whole_at or now - self._whole_at[sector] > WHOLE_AGAIN
        found = await self._reader.who_exists(None if whole else month_of(now - OVERLAP))
        new = await asyncio.to_thread(self._as_sector, sector, found)
        if whole:
            self._known[sector], self._whole_at[sector] = new, now
        else:
            self._known[sector].update(new)
        self._read[sector] = self._begun[sector]

    def _as_sector(self, sector: SectorId, citizens: Sequence[CitizenExists]) -> dict[SectorCitizenId, CitizenId]:
        return {
            sector_citizen_id(self._key, sector, name): citizen.citizen_id
            for citizen in citizens
            for name in (*citizen.formerly, citizen.citizen_id)
        }
