"""Reading the search files of a folder while their keeper writes in it and swaps them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from guichet.ids import DepartmentId, SectorId
from guichet.rights.scope import Scope
from guichet.search.query import SearchQuery
from guichet.search_files.errors import DamagedFileError
from guichet.search_files.folder import SearchFileName, SearchFolder
from guichet.search_files.reader import SearchFileReader
from guichet.search_files.rows import Found
from guichet.vault.ports import KeyOpener


@dataclass
class SearchFiles:
    """What a service that searches holds open. One search at a time in each sector: it takes milliseconds."""

    folder: SearchFolder
    keys: KeyOpener
    _open: dict[SectorId, tuple[SearchFileName, SearchFileReader]] = field(default_factory=dict, init=False)
    _locks: dict[SectorId, asyncio.Lock] = field(default_factory=dict, init=False)

    async def find(
        self,
        sector: SectorId,
        query: SearchQuery,
        scope: Scope,
        *,
        limit: int,
        before: int | None = None,
        departments: Iterable[DepartmentId] | None = None,
    ) -> Found | None:
        """Return what SearchFileReader.find does; None while the sector has no file that opens: it is being made.

        Raises TransientError.
        """
        async with self._locks.setdefault(sector, asyncio.Lock()):
            try:
                reader = await self._reader(sector)
                if reader is None:
                    return None
                search = (query, scope)
                return await asyncio.to_thread(
                    reader.find, *search, limit=limit, before=before, departments=departments
                )
            except DamagedFileError:
                await self._close(sector)
                return None

    async def close(self) -> None:
        """Close every file."""
        for sector in [*self._open]:
            await self._close(sector)

    async def _reader(self, sector: SectorId) -> SearchFileReader | None:
        newest = await asyncio.to_thread(self.folder.newest, sector)
        known = self._open.get(sector)
        if known is not None and known[0] == newest:
            return known[1]
        await self._close(sector)
        if newest is None:
            return None
        key = (await self.keys.open_keys([newest.key_id])).get(newest.key_id)
        if key is None:
            return None
        place = self.folder.place_of(newest)
        reader = await asyncio.to_thread(SearchFileReader, place, key.secret, sector)
        self._open[sector] = newest, reader
        return reader

    async def _close(self, sector: SectorId) -> None:
        known = self._open.pop(sector, None)
        if known is not None:
            await asyncio.to_thread(known[1].close)
