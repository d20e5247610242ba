"""Real search files of a town hall's cases, as search-indexer would make them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from guichet.ids import CaseId
from guichet.search.places import TownPlaces
from guichet.search_files.folder import SearchFolder
from guichet.search_files.keeper import SearchFileKeeper
from guichet.search_files.readers import SearchFiles
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.twins.vault import InMemorySearchKeys, InMemoryVault
from search_indexer.domain.indexed import indexed_case
from search_indexer.handlers.open_words import open_words


@asynccontextmanager
async def searched(hall: TownHall, folder: Path, *without: CaseId) -> AsyncIterator[SearchFiles]:
    """Let the hall's desk search all its cases as they are now. without: those that have not reached the files yet."""
    assert isinstance(hall.vault, InMemoryVault)
    keeper = SearchFileKeeper(SearchFolder(folder), InMemorySearchKeys(hall.vault))
    keeper.claim()
    where = TownPlaces(hall.town_map)
    for sector in sorted({department.sector for department in hall.town.departments.values()}):
        begun = await keeper.begin(sector)
        with begun.writer.change({}) as change:
            for case in hall.cases.cases.values():
                if case.sector != sector or case.erasing or case.case_id in without:
                    continue
                said = [message.message_id for message in await hall.messages.of_case(case.case_id)]
                words = await open_words(said, hall.messages, hall.vault, where)
                change.put(indexed_case(case), [words[name] for name in said if name in words])
        (await keeper.finish(begun)).close()
    keeper.release()
    hall.search_files.files = files = SearchFiles(keeper.folder, hall.vault)
    yield files
    await files.close()
