"""The files of all sectors, as this one process holds them open: one who writes at a time.

A file that is not there, does not open, is damaged or behind is made again. Until it is, nothing is written in any of
them: what was read from the topic waits, so that nothing is missing from the file that comes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from guichet.errors import TransientError
from guichet.ids import SectorId
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.search_files.errors import DamagedFileError
from guichet.search_files.keeper import SearchFileKeeper, Unfinished
from guichet.search_files.writer import SearchFileWriter

log = structlog.get_logger()

Make = Callable[[Mapping[SectorId, SearchFileWriter]], Awaitable[None]]
"""Fills empty files with what the store holds of their sectors. Raises TransientError, DamagedFileError."""


@dataclass
class SectorFiles:
    """sectors: of the town. Every method raises TransientError."""

    keeper: SearchFileKeeper
    sectors: Collection[SectorId]
    make: Make
    _writers: dict[SectorId, SearchFileWriter] = field(default_factory=dict, init=False)
    _handled: dict[int, int] = field(default_factory=dict, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def open(self, committed: Mapping[int, int]) -> None:
        """Open what is there and is not behind what was committed: partition → offset. The rest is to be made."""
        self.note_handled(committed)
        await asyncio.to_thread(self.keeper.claim)
        await self.keeper.drop_all_but(self.sectors)
        for sector in self.sectors:
            writer = await self.keeper.open(sector)
            if writer is not None and await _is_behind(writer, committed):
                log.warning("a search file is behind what was handled: it is made again", sector=sector)
                await asyncio.to_thread(writer.close)
                writer = None
            if writer is not None:
                self._writers[sector] = writer
            else:
                await self.keeper.drop(sector)

    async def make_missing(self) -> None:
        """Make every file that is not there. While it does, an alarm says so."""
        async with self._lock:
            await self._let_go_of_lost()
            missing = [sector for sector in self.sectors if sector not in self._writers]
            if not missing:
                return
            for sector in missing:
                raise_alarm(Alarm.SEARCH_REBUILDING, sector)
            begun = dict[SectorId, Unfinished]()
            try:
                for sector in missing:
                    begun[sector] = await self.keeper.begin(sector)
                await self.make({sector: each.writer for sector, each in begun.items()})
                for sector in missing:
                    await asyncio.to_thread(_note_places, begun[sector].writer, self._handled)
                    self._writers[sector] = await self.keeper.finish(begun[sector])
                    clear_alarm(Alarm.SEARCH_REBUILDING, sector)
                    log.info("a search file is made", sector=sector)
            except Exception:  # each round would leave one more, on a disk that may be full
                await self.keeper.give_up(each for sector, each in begun.items() if sector not in self._writers)
                raise

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Mapping[SectorId, SearchFileWriter]]:
        """Be the one who writes. Raises TransientError while a file is being made, or was found damaged just now."""
        self._refuse_missing()
        async with self._lock:
            self._refuse_missing()
            try:
                yield self._writers
            except DamagedFileError as exc:
                await self._give_up_damaged()
                raise TransientError("a search file is damaged: it is made again") from exc

    async def rekey(self, sector: SectorId) -> SearchFileWriter:
        """Give a file another key, for one who holds the files."""
        self._writers[sector] = await self.keeper.rekey(sector, self._writers[sector])
        return self._writers[sector]

    def note_handled(self, places: Mapping[int, int]) -> None:
        """Note until where the topic is in every file: a file that is made later begins there."""
        self._handled |= {
            partition: max(offset, self._handled.get(partition, 0)) for partition, offset in places.items()
        }

    async def check(self) -> None:
        """Raise TransientError unless every sector has its file."""
        self._refuse_missing()

    async def close(self) -> None:
        """Close every file, and let another process write."""
        async with self._lock:
            for writer in self._writers.values():
                await asyncio.to_thread(writer.close)
            self._writers.clear()
            self.keeper.release()

    def _refuse_missing(self) -> None:
        if missing := sorted({*self.sectors} - self._writers.keys()):
            raise TransientError(f"search files are being made: {', '.join(missing)}")

    async def _let_go_of_lost(self) -> None:
        """Close the files that somebody has taken out of the folder: nobody finds what is written there."""
        for sector, writer in [*self._writers.items()]:
            if not await asyncio.to_thread(self.keeper.is_in_place, sector, writer):
                del self._writers[sector]
                await asyncio.to_thread(writer.close)
                log.error("a search file is lost", sector=sector)

    async def _give_up_damaged(self) -> None:
        """End the files that are not whole: reading every page says which."""
        for sector, writer in [*self._writers.items()]:
            try:
                await asyncio.to_thread(writer.check)
            except DamagedFileError:
                del self._writers[sector]
                await asyncio.to_thread(writer.close)
                await self.keeper.drop(sector)
                log.error("a search file is damaged", sector=sector)


async def _is_behind(writer: SearchFileWriter, committed: Mapping[int, int]) -> bool:
    places = await asyncio.to_thread(writer.places)
    return any(places.get(partition, 0) < offset for partition, offset in committed.items())


def _note_places(writer: SearchFileWriter, places: Mapping[int, int]) -> None:
    with writer.change(places):
        pass  # the place is all of it
