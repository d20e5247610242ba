"""From a sector's own citizen id back to the registry's, in memory only.

Nothing at rest joins two sectors, so the way back is computed: every registry id under the sector's key, once per
process, then only those who are new. The registry keeps no more of somebody's coming than its month, so the 400 who
were entered last are read. Who is not among them (after a storm during which nobody looked, or merged with somebody) is
looked for once among all of this month. 100,000 citizens take about half a second for a sector, and 12 MB; their ids,
once for all, 18.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from guichet.ids import CitizenId, SectorCitizenId, SectorId
from guichet.privacy.coarse_times import month_of
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.registry.reader import CitizenExists, CitizenReader

LATEST: Final = timedelta(days=3)  # so late somebody is entered, with the month in which they wrote: after a weekend
WHOLE_AGAIN: Final = timedelta(minutes=5)  # finds who was merged; who was found nowhere is not looked for before
NEWEST: Final = 400  # so many who were entered last are read, a few ms


class SectorIndex:
    """Knows the registry's id behind a sector's."""

    def __init__(self, *, reader: CitizenReader, sector_master_key: bytes, clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._key = sector_master_key
        self._clock = clock
        self._registry = _Registry(generation=0)
        self._known: dict[SectorId, _Sector] = {}
        self._whole_at: datetime | None = None
        self._unknown: dict[SectorCitizenId, datetime] = {}
        self._reading = asyncio.Lock()
        self._begun = 0  # readings
        self._newest = self._of_month = 0  # the last one that ended: of the newest; of the month or of all

    async def resolve(self, wanted: Collection[tuple[SectorId, SectorCitizenId]]) -> dict[SectorCitizenId, CitizenId]:
        """Return the registry ids of those who exist. Raises TransientError."""
        asked = self._begun  # a reading that began later serves us, whoever had it begun
        if self._lacks(wanted):
            async with self._reading:
                if self._newest <= asked:
                    await self._catch_up()
                await self._follow_each(wanted)
        if self._lacks(wanted):
            async with self._reading:
                if self._of_month <= asked:
                    await self._catch_up(of_month=True)
                await self._follow_each(wanted)
        found = [(citizen, self._citizens_of(sector).get(citizen)) for sector, citizen in wanted]
        now = self._clock()
        self._unknown |= {citizen: now for citizen, known in found if known is None and not self._is_unknown(citizen)}
        return {citizen: known for citizen, known in found if known is not None}

    def _lacks(self, wanted: Collection[tuple[SectorId, SectorCitizenId]]) -> bool:
        return any(
            citizen not in self._citizens_of(sector) and not self._is_unknown(citizen) for sector, citizen in wanted
        )

    def _is_unknown(self, citizen: SectorCitizenId) -> bool:
        """Say whether somebody was looked for among all, not long ago."""
        since = self._unknown.get(citizen)
        return since is not None and self._clock() - since <= WHOLE_AGAIN

    def _citizens_of(self, sector: SectorId) -> Mapping[SectorCitizenId, CitizenId]:
        known = self._known.get(sector)
        return known.citizens if known is not None else {}

    async def _catch_up(self, *, of_month: bool = False) -> None:
        """Read who was entered last, or this month; everybody, where that was long ago."""
        self._begun += 1
        begun, now = self._begun, self._clock()
        if self._whole_at is None or now - self._whole_at > WHOLE_AGAIN:
            found, of_month = await self._reader.who_exists(), True
            self._registry, self._whole_at, self._unknown = _Registry(begun), now, {}
        elif of_month:
            found = await self._reader.who_exists(month_of(now - LATEST))
        else:
            found = await self._reader.entered_last(NEWEST)
        self._registry.learn(found)
        self._newest = begun
        if of_month:
            self._of_month = begun

    async def _follow_each(self, wanted: Collection[tuple[SectorId, SectorCitizenId]]) -> None:
        for sector in sorted({sector for sector, _ in wanted}):
            await self._follow(sector)

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
