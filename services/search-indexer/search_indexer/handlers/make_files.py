"""Makes files anew from the store: first every case and message by its id, then the words in order of time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId, SectorId
from guichet.search.places import TownPlaces
from guichet.search_files.rows import IndexedMessage
from guichet.search_files.writer import SearchFileWriter
from guichet.store.cases.searched import SearchedCases, TimedMessage
from guichet.store.messages.store import MessageStore
from guichet.vault.ports import KeyOpener
from search_indexer.domain.indexed import indexed_case
from search_indexer.handlers.open_words import open_words

CASES_AT_ONCE: Final = 500
MESSAGES_AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class FileMaker:
    """where: what the town's map calls its places. Every method raises TransientError."""

    searched: SearchedCases
    messages: MessageStore
    opener: KeyOpener
    where: TownPlaces

    async def make(self, files: Mapping[SectorId, SearchFileWriter]) -> None:
        """Fill empty files with all that the store holds of their sectors.

        What changes meanwhile comes by the topic: nothing of it is read before the files are there.
        """
        await self._list(files)
        for writer in files.values():
            await self._write(writer)

    async def _list(self, files: Mapping[SectorId, SearchFileWriter]) -> None:
        some, last = await self.searched.cases_after(None, CASES_AT_ONCE)
        while last is not None:
            living = {case.case_id: case for case in some if not case.erasing and case.sector in files}
            timed = await self.searched.timed_messages_of(living)
            for sector, writer in files.items():
                here = [case for case in living.values() if case.sector == sector]
                await asyncio.to_thread(_list_in, writer, here, timed)
            some, last = await self.searched.cases_after(last, CASES_AT_ONCE)

    async def _write(self, writer: SearchFileWriter) -> None:
        while waiting := await asyncio.to_thread(writer.waiting, MESSAGES_AT_ONCE):
            words = await open_words(waiting, self.messages, self.opener, self.where)
            await asyncio.to_thread(_write_in, writer, waiting, words)


def _list_in(
    writer: SearchFileWriter, cases: list[CaseRecord], timed: Mapping[CaseId, tuple[TimedMessage, ...]]
) -> None:
    with writer.change({}) as change:
        for case in cases:
            change.put(indexed_case(case), [])
            change.let_wait(case.case_id, timed.get(case.case_id, ()))


def _write_in(writer: SearchFileWriter, waiting: list[MessageId], words: Mapping[MessageId, IndexedMessage]) -> None:
    with writer.change({}) as change:
        change.put_waiting(words[name] for name in waiting if name in words)
        change.forget_waiting(name for name in waiting if name not in words)
