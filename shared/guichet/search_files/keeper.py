"""Keeping the search files: which one counts, and under which key. One process a folder does it.

A key is the vault's. Another takes its place by a copy under it, which counts once it is whole; then the former key is
given up, and only then its file removed: whoever is killed in between leaves no file behind that a living key opens
and that nobody looks for. What is given up, gdpr-worker destroys (guichet.vault.search_keys). So older copies of a
file, wherever they lie, soon open with no key that exists.
"""

import asyncio
import fcntl
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import structlog

from guichet.errors import TransientError
from guichet.ids import SectorId
from guichet.search_files.errors import DamagedFileError
from guichet.search_files.folder import VARIABLE, SearchFileName, SearchFolder
from guichet.search_files.writer import SearchFileWriter
from guichet.vault.search_keys import SearchKeys

log = structlog.get_logger()


@dataclass
class SearchFileKeeper:
    """The one who makes, opens, re-keys and removes the files of a folder. Every method raises TransientError."""

    folder: SearchFolder
    keys: SearchKeys
    _lock: int | None = field(default=None, init=False, repr=False)

    def claim(self) -> None:
        """Be the one process that writes in the folder, which is made where there is none, until this process ends.

        Raises TransientError while another one is.
        """
        if self._lock is not None:
            return
        try:
            self.folder.path.mkdir(mode=0o750, parents=True, exist_ok=True)
            lock = os.open(self.folder.path / "writer.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise TransientError(f"{VARIABLE}: {type(exc).__name__}") from exc
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            os.close(lock)
            raise TransientError(f"{VARIABLE}: another process writes in this folder") from exc
        self._lock = lock

    def release(self) -> None:
        """Let another process write in the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def open(self, sector: SectorId) -> SearchFileWriter | None:
        """Open the file of a sector that counts, and end what a kill left beside it.

        None where there is none that opens: it is to be made.
        """
        name = await asyncio.to_thread(self.folder.newest, sector)
        if name is None:
            return None
        key = (await self.keys.open_keys([name.key_id])).get(name.key_id)
        if key is None:
            log.warning("the key of a search file is gone", sector=sector)
            return None
        await self.tidy(sector)
        try:
            return await asyncio.to_thread(SearchFileWriter.open, self.folder.place_of(name), key.secret)
        except DamagedFileError as exc:
            log.warning("a search file is made again", sector=sector, why=str(exc))
            return None

    async def begin(self, sector: SectorId) -> "Unfinished":
        """Begin a new file of a sector, which counts once it is finished. Until then the former one does."""
        name, secret = await self._new_name(sector)
        writer = await asyncio.to_thread(SearchFileWriter.new, self.folder.place_of(name), secret)
        return Unfinished(name, writer, secret)

    async def finish(self, unfinished: "Unfinished") -> SearchFileWriter:
        """Let a file that was begun count, and end the former ones of its sector."""
        await asyncio.to_thread(unfinished.writer.close_whole)
        name = await asyncio.to_thread(self.folder.put_in_place, unfinished.name)
        await self.tidy(name.sector)
        return await asyncio.to_thread(SearchFileWriter.open, self.folder.place_of(name), unfinished.secret)

    async def give_up(self, unfinished: Iterable["Unfinished"]) -> None:
        """End files that were begun and come to nothing, with their keys; not one that counts by now."""
        given_up = [*unfinished]
        for each in given_up:
            await asyncio.to_thread(each.writer.close)
        there = await asyncio.to_thread(self.folder.names)
        await self._end([each.name for each in given_up if each.name in there])

    async def rekey(self, sector: SectorId, writer: SearchFileWriter) -> SearchFileWriter:
        """Return the file of a sector under a new key, for the rest of its life; readers go on with the former one."""
        name, secret = await self._new_name(sector)
        await asyncio.to_thread(writer.copy_to, self.folder.place_of(name), secret)
        name = await asyncio.to_thread(self.folder.put_in_place, name)
        await asyncio.to_thread(writer.close)
        await self.tidy(sector)
        return await asyncio.to_thread(SearchFileWriter.open, self.folder.place_of(name), secret)

    def is_in_place(self, sector: SectorId, writer: SearchFileWriter) -> bool:
        """Say whether this is the file of a sector that counts."""
        name = self.folder.newest(sector)
        return name is not None and self.folder.place_of(name) == writer.path

    async def tidy(self, sector: SectorId) -> None:
        """End every file of a sector but the one that counts: its key, then itself."""
        names = await asyncio.to_thread(self.folder.names)
        newest = await asyncio.to_thread(self.folder.newest, sector)
        await self._end([name for name in names if name.sector == sector and name != newest])

    async def drop(self, sector: SectorId) -> None:
        """End the files of a sector: who reads one is told that there is none, until it is made again."""
        names = await asyncio.to_thread(self.folder.names)
        await self._end([name for name in names if name.sector == sector])

    async def drop_all_but(self, sectors: Collection[SectorId]) -> None:
        """End the files of sectors that the town has no more, and the keys of files that are lost."""
        names = await asyncio.to_thread(self.folder.names)
        await self._end([name for name in names if name.sector not in sectors])
        lost = await self.keys.living_search_keys() - {name.key_id for name in names}
        await self.keys.give_up(lost)

    async def _end(self, names: Collection[SearchFileName]) -> None:
        if names:
            await self.keys.give_up(name.key_id for name in names)
            await asyncio.to_thread(self.folder.remove, names)

    async def _new_name(self, sector: SectorId) -> tuple[SearchFileName, bytes]:
        nth = max((name.nth for name in await asyncio.to_thread(self.folder.names) if name.sector == sector), default=0)
        key = await self.keys.new_search_key()
        return SearchFileName(sector, nth + 1, key.key_id, is_part=True), key.secret


@dataclass(frozen=True)
class Unfinished:
    """A file that does not count yet. secret: its key."""

    name: SearchFileName
    writer: SearchFileWriter
    secret: bytes = field(repr=False)
