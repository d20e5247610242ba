"""Makes files anew from the store: first every case and message by its id, then the words in order of time.

What comes next is read and opened while what came before is written: one core does the former, another one the latter.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar

from guichet.batches import batched
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
MESSAGES_AT_ONCE: Final = 500  # two such batches are in memory, with all their words
WAITING_AT_ONCE: Final = 40 * MESSAGES_AT_ONCE  # ids

P = ParamSpec("P")
R = TypeVar("R")


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
        page = await self._page(None, files)
        while page.last is not None:
            page = await _while(self._page(page.last, files), _list_in, files, page)

    async def _page(self, after: CaseId | None, files: Collection[SectorId]) -> "Page":
        some, last = await self.searched.cases_after(after, CASES_AT_ONCE)
        living = {case.case_id: case for case in some if not case.erasing and case.sector in files}
        return Page([*living.values()], await self.searched.timed_messages_of(living), last)

    async def _write(self, writer: SearchFileWriter) -> None:
        while waiting := await asyncio.to_thread(writer.waiting, WAITING_AT_ONCE):
            batches = [*batched(waiting, MESSAGES_AT_ONCE)]
            words = await self._words(batches[0])
            for batch, following in zip(batches, [*batches[1:], []], strict=True):
                words = await _while(self._words(following), _write_in, writer, batch, words)

    async def _words(self, messages: Sequence[MessageId]) -> Mapping[MessageId, IndexedMessage]:
        return await open_words(messages, self.messages, self.opener, self.where) if messages else {}


@dataclass(frozen=True)
class Page:
    """Cases in order of their ids, with their messages. last: after which id to go on; None: there was none."""

    cases: Sequence[CaseRecord]
    timed: Mapping[CaseId, tuple[TimedMessage, ...]]
    last: CaseId | None


async def _while(read: Coroutine[Any, Any, R], write: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> R:
    """Write in a thread, return what is read meanwhile. Where the writing fails the reading ends, and is waited for."""
    ahead = asyncio.create_task(read)
    try:
        await asyncio.to_thread(write, *args, **kwargs)
    except BaseException:
        ahead.cancel()
        await asyncio.wait([ahead])
        raise
    return await ahead


def _list_in(files: Mapping[SectorId, SearchFileWriter], page: Page) -> None:
    for sector, writer in files.items():
        with writer.change({}) as change:
            for case in page.cases:
                if case.sector == sector:
                    change.put(indexed_case(case), [])
                    change.let_wait(case.case_id, page.timed.get(case.case_id, ()))


def _write_in(
    writer: SearchFileWriter, waiting: Sequence[MessageId], words: Mapping[MessageId, IndexedMessage]
) -> None:
    with writer.change({}) as change:
        change.put_waiting(words[name] for name in waiting if name in words)
        change.forget_waiting(name for name in waiting if name not in words)
