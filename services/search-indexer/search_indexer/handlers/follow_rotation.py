"""After each rotation of the vault: what the store has no more leaves the files, and each file gets another key.

An erasure ends with a rotation. So what was erased has left the files once the next look after it is over, by other
ways than a case that is destroyed, too; and an older copy of a file opens with no key that exists.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from guichet.ids import CaseId, MessageId, SectorId
from guichet.search_files.writer import SearchFileWriter
from guichet.store.cases.searched import SearchedCases
from search_indexer.handlers.sector_files import SectorFiles

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=5)
AT_ONCE: Final = 5_000


@dataclass(frozen=True)
class RotationFollower:
    """newest: the generation of the vault's newest rotation. Every method raises TransientError."""

    files: SectorFiles
    newest: Callable[[], Awaitable[int]]
    searched: SearchedCases

    async def look(self) -> None:
        """Do it once, where there was a rotation that a file does not know of."""
        newest = await self.newest()
        async with self.files.held() as writers:
            for sector, writer in [*writers.items()]:
                if await asyncio.to_thread(writer.rotation) != newest:
                    await self._follow(sector, writer, newest)

    async def _follow(self, sector: SectorId, writer: SearchFileWriter, newest: int) -> None:
        """The rotation is noted last: whoever is killed before it begins anew."""
        cases, messages = await _gone(self.searched, sector, writer)
        await asyncio.to_thread(_remove, writer, cases, messages)
        await asyncio.to_thread(_note, await self.files.rekey(sector), newest)
        log.info("a search file has another key", sector=sector, cases_gone=len(cases), messages_gone=len(messages))


def _remove(writer: SearchFileWriter, cases: list[CaseId], messages: list[MessageId]) -> None:
    with writer.change({}) as change:
        change.remove_cases(cases)
        change.remove_messages(messages)


def _note(writer: SearchFileWriter, newest: int) -> None:
    with writer.change({}) as change:
        change.note_rotation(newest)


async def _gone(
    searched: SearchedCases, sector: SectorId, writer: SearchFileWriter
) -> tuple[list[CaseId], list[MessageId]]:
    """Return what a file has and the store has not any more, or has in another sector."""
    cases, messages = list[CaseId](), list[MessageId]()
    some = await asyncio.to_thread(writer.case_ids, None, AT_ONCE)
    while some:
        living = await searched.of_sector(sector, some)
        cases += [name for name in some if name not in living]
        some = await asyncio.to_thread(writer.case_ids, some[-1], AT_ONCE)
    few = await asyncio.to_thread(writer.message_ids, None, AT_ONCE)
    while few:
        found = await searched.living_messages(few)
        messages += [name for name in few if name not in found]
        few = await asyncio.to_thread(writer.message_ids, few[-1], AT_ONCE)
    return cases, messages
