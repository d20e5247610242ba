"""Brings cases into the files as the store has them now: whatever happened, and however often it is told.

Events say which cases are looked at, and nothing else: so a replay changes nothing, and a case that was handed over
twice meanwhile lies in the file of the sector that has it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId, SectorId
from guichet.search.places import TownPlaces
from guichet.search_files.rows import IndexedCase, IndexedMessage, KnownCase
from guichet.search_files.writer import SearchFileWriter
from guichet.store.cases.searched import SearchedCases, TimedMessage
from guichet.store.cases.store import CaseStore
from guichet.store.messages.store import MessageStore
from guichet.vault.ports import KeyOpener
from search_indexer.domain.indexed import indexed_case, is_as_known
from search_indexer.handlers.open_words import open_words
from search_indexer.handlers.sector_files import SectorFiles

Places = Mapping[int, int]
"""Partition → offset of the next record to read."""


@dataclass(frozen=True)
class Entry:
    """A case as its sector's file is to have it, and the messages that are to be written."""

    case: IndexedCase
    messages: tuple[MessageId, ...]


@dataclass(frozen=True)
class CaseIndexer:
    """where: what the town's map calls its places. Every method raises TransientError."""

    files: SectorFiles
    cases: CaseStore
    searched: SearchedCases
    messages: MessageStore
    opener: KeyOpener
    where: TownPlaces

    async def index(self, told: Mapping[CaseId, Collection[MessageId]], places: Places) -> None:
        """Bring cases up to date in every file, and note until where the topic is in them.

        told: with each case the messages that events name: the router publishes that one is filed before its document
        says so (docs/decisions/0002), so that the store may not list it yet.

        One that an erasure has set aside stays as it is: the store shows it to nobody, and may release it. One that is
        destroyed goes.
        """
        async with self.files.held() as writers:
            found = await self.cases.find_many(told)
            living = {name: case for name, case in found.items() if not case.erasing}
            listed = await self.searched.timed_messages_of(living)
            for sector, writer in writers.items():
                here = [indexed_case(case) for case in living.values() if case.sector == sector]
                elsewhere = [name for name in told if name not in found or _lies_elsewhere(living.get(name), sector)]
                known = await asyncio.to_thread(writer.known, [case.case_id for case in here])
                entries = [_entry(case, _named(listed, told, case.case_id), known.get(case.case_id)) for case in here]
                words = await open_words(
                    [name for each in entries for name in each.messages], self.messages, self.opener, self.where
                )
                await asyncio.to_thread(_written(writer, entries, words, elsewhere, places))
            self.files.note_handled(places)


def _lies_elsewhere(case: CaseRecord | None, sector: SectorId) -> bool:
    return case is not None and case.sector != sector


def _entry(case: IndexedCase, messages: Sequence[MessageId], known: KnownCase | None) -> Entry:
    there = known.messages if known is not None and is_as_known(case, known) else frozenset[MessageId]()
    return Entry(case, tuple(name for name in messages if name not in there))


def _named(
    listed: Mapping[CaseId, Sequence[TimedMessage]], told: Mapping[CaseId, Collection[MessageId]], case: CaseId
) -> list[MessageId]:
    """Return the messages of a case, each once, in order of time; what only events name comes last: it is new."""
    return [*dict.fromkeys([*(name for name, _ in listed.get(case, ())), *told[case]])]


def _written(
    writer: SearchFileWriter,
    entries: Sequence[Entry],
    words: Mapping[MessageId, IndexedMessage],
    elsewhere: Collection[CaseId],
    places: Places,
) -> Callable[[], None]:
    """Return what writes all of it. A case under other rights is taken out first: what does not open any more goes."""

    def write() -> None:
        known = writer.known(entry.case.case_id for entry in entries)
        with writer.change(places) as change:
            change.remove_cases(elsewhere)
            for entry in entries:
                if not is_as_known(entry.case, known.get(entry.case.case_id)):
                    change.remove_cases([entry.case.case_id])
                change.put(entry.case, [words[name] for name in entry.messages if name in words])

    return write
