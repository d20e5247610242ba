"""Reading the search files of a folder while their keeper writes in it and swaps them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from guichet.ids import CaseId, DepartmentId, SectorId
from guichet.rights.scope import Scope
from guichet.search.query import SearchQuery
from guichet.search_files.errors import DamagedFileError, FileGoneError
from guichet.search_files.folder import SearchFileName, SearchFolder
from guichet.search_files.reader import SearchFileReader
from guichet.search_files.rows import Found
from guichet.vault.ports import KeyOpener

_TRIES: Final = 3
_SWAPPED_WITHIN: Final = timedelta(milliseconds=20)


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
            reader = await self._reader(sector)
            if reader is None:
                return None
            try:
                search = (query, scope)
                return await asyncio.to_thread(
                    reader.find, *search, limit=limit, before=before, departments=departments
                )
            except DamagedFileError:
                await self._close(sector)
                return None

    async def has_case(self, sector: SectorId, case: CaseId) -> bool | None:
        """Say whether a sector's file knows a case; None while it has no file that opens. Raises TransientError."""
        async with self._locks.setdefault(sector, asyncio.Lock()):
            reader = await self._reader(sector)
            try:
                return None if reader is None else await asyncio.to_thread(reader.has_case, case)
            except DamagedFileError:
                await self._close(sector)
                return None

    async def close(self) -> None:
        """Close every file."""
        for sector in [*self._open]:
            await self._close(sector)

    async def _reader(self, sector: SectorId) -> SearchFileReader | None:
        """Open the file that counts; None: there is none that opens.

        One that was swapped between two looks is gone, or its key is; one that its writer has not opened yet lacks what
        a reader needs beside it. Either is over in a moment.
        """
        for attempt in range(_TRIES):
            newest = await asyncio.to_thread(self.folder.newest, sector)
            if newest is None:
                await self._close(sector)
                return None
            if await self._holds(newest):
                return self._open[sector][1]
            await asyncio.sleep(_SWAPPED_WITHIN.total_seconds() * attempt)
        return None

    async def _holds(self, name: SearchFileName) -> bool:
        """Return whether this file is open now."""
        known = self._open.get(name.sector)
        if known is not None and known[0] == name:
            return True
        await self._close(name.sector)
        key = (await self.keys.open_keys([name.key_id])).get(name.key_id)
        if key is None:
            return False
        try:
            place = self.folder.place_of(name)
            reader = await asyncio.to_thread(SearchFileReader, place, key.secret, name.sector)
        except (DamagedFileError, FileGoneError):
            return False
        self._open[name.sector] = name, reader
        return True

    async def _close(self, sector: SectorId) -> None:
        known = self._open.pop(sector, None)
        if known is not None:
            await asyncio.to_thread(known[1].close)
