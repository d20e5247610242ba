"""Which file of a sector counts, under which key, whatever is killed when."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from guichet.errors import TransientError
from guichet.ids import KeyId, SectorId
from guichet.search.query import read_query
from guichet.search_files.connection import open_to_read
from guichet.search_files.folder import SearchFileName, SearchFolder
from guichet.search_files.keeper import SearchFileKeeper
from guichet.search_files.readers import SearchFiles
from guichet.vault.sealing import DataKey
from guichet_testing.twins.vault import InMemorySearchKeys, InMemoryVault
from shared.tests.search_files.files import EVERYTHING, SECTOR, a_case, a_message, put

OTHER = SectorId("état civil/1")


@pytest.fixture
def vault() -> InMemoryVault:
    return InMemoryVault()


@pytest.fixture
def keys(vault: InMemoryVault) -> InMemorySearchKeys:
    return InMemorySearchKeys(vault)


@pytest.fixture
def keeper(tmp_path: Path, keys: InMemorySearchKeys) -> SearchFileKeeper:
    return SearchFileKeeper(SearchFolder(tmp_path), keys)


@pytest.fixture
def files(keeper: SearchFileKeeper, vault: InMemoryVault) -> SearchFiles:
    return SearchFiles(keeper.folder, vault)


async def hits(files: SearchFiles, typed: str = "fuite", sector: SectorId = SECTOR) -> list[str] | None:
    found = await files.find(sector, read_query(typed), EVERYTHING, limit=50)
    return None if found is None else [hit.message_id for hit in found.hits]


async def test_a_file_counts_once_it_is_finished(keeper: SearchFileKeeper, files: SearchFiles) -> None:
    assert await keeper.open(SECTOR) is None
    begun = await keeper.begin(SECTOR)
    put(begun.writer, a_case(1), a_message("fuite", 1))
    assert await hits(files) is None
    writer = await keeper.finish(begun)
    assert await hits(files) == ["m1"]
    put(writer, a_case(2), a_message("fuite", 2))
    assert await hits(files) == ["m2", "m1"]
    writer.close()
    await files.close()


async def test_a_new_key_while_somebody_reads(
    keeper: SearchFileKeeper, files: SearchFiles, keys: InMemorySearchKeys, tmp_path: Path
) -> None:
    begun = await keeper.begin(SECTOR)
    put(begun.writer, a_case(1), a_message("fuite", 1), places={0: 7})
    writer = await keeper.finish(begun)
    old = keeper.folder.newest(SECTOR)
    assert old is not None
    stolen, key = keeper.folder.place_of(old).read_bytes(), (await keys.open_keys([old.key_id]))[old.key_id]

    stop = asyncio.Event()

    async def read_on() -> int:
        searches = 0
        while not stop.is_set():
            assert await hits(files) == ["m1"]
            searches += 1
        return searches

    reading = asyncio.create_task(read_on())
    for _ in range(5):
        writer = await keeper.rekey(SECTOR, writer)
    stop.set()
    assert await reading > 5
    assert writer.places() == {0: 7}
    assert [name.nth for name in keeper.folder.names()] == [6]
    assert old.key_id in keys.noted
    (tmp_path / "stolen").write_bytes(stolen)  # opens with the former key alone, which is given up
    assert open_to_read(tmp_path / "stolen", key.secret).execute("SELECT count(*) FROM cases").fetchall() == [(1,)]
    writer.close()
    await files.close()


async def test_a_file_that_is_swapped_between_two_looks_is_looked_for_again(
    keeper: SearchFileKeeper, vault: InMemoryVault
) -> None:
    begun = await keeper.begin(SECTOR)
    put(begun.writer, a_case(1), a_message("fuite", 1))
    writer = await keeper.finish(begun)
    looked_before = keeper.folder.newest(SECTOR)
    assert looked_before is not None
    writer = await keeper.rekey(SECTOR, writer)

    @dataclass(frozen=True)
    class Slow(SearchFolder):
        """Looked first before the swap."""

        looks: list[SearchFileName] = field(default_factory=lambda: [looked_before])

        def newest(self, sector: SectorId) -> SearchFileName | None:
            return self.looks.pop() if self.looks else super().newest(sector)

    class Remembering(InMemoryVault):
        """Has not heard yet that the former key is destroyed."""

        async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
            asked = list(key_ids)
            known = {looked_before.key_id: DataKey(looked_before.key_id, bytes(32))} if looked_before else {}
            return await vault.open_keys(asked) | {name: key for name, key in known.items() if name in asked}

    for keys in (vault, Remembering()):
        files = SearchFiles(Slow(keeper.folder.path), keys)
        assert await hits(files) == ["m1"]
        await files.close()
    writer.close()


async def test_who_is_killed_leaves_nothing_that_counts_and_no_key(
    keeper: SearchFileKeeper, keys: InMemorySearchKeys
) -> None:
    begun = await keeper.begin(SECTOR)
    first = await keeper.finish(begun)
    first.close()
    left = await keeper.begin(SECTOR)  # killed here
    left.writer.close()
    assert keeper.folder.newest(SECTOR) == SearchFileName(SECTOR, 1, begun.name.key_id)
    again = await keeper.open(SECTOR)
    assert again is not None
    again.close()
    assert [name.key_id for name in keeper.folder.names()] == [begun.name.key_id]
    assert keys.noted == {left.name.key_id}


async def test_of_two_files_the_newer_counts(keeper: SearchFileKeeper, keys: InMemorySearchKeys) -> None:
    """Killed after the copy counted, before the former one was ended."""
    first = await keeper.begin(SECTOR)
    first.writer.close()
    keeper.folder.put_in_place(first.name)
    second = await keeper.begin(SECTOR)
    second.writer.close()
    keeper.folder.put_in_place(second.name)
    writer = await keeper.open(SECTOR)
    assert writer is not None
    assert second.name.key_id in writer.path.name
    assert keys.noted == {first.name.key_id}
    assert len(keeper.folder.names()) == 1
    writer.close()


async def test_a_file_whose_key_is_gone_is_to_be_made_again(
    keeper: SearchFileKeeper, files: SearchFiles, vault: InMemoryVault
) -> None:
    begun = await keeper.begin(SECTOR)
    (await keeper.finish(begun)).close()
    await vault.destroy_keys([begun.name.key_id])
    assert await keeper.open(SECTOR) is None
    assert await hits(files) is None
    again = await keeper.begin(SECTOR)
    put(again.writer, a_case(1), a_message("fuite", 1))
    (await keeper.finish(again)).close()
    assert await hits(files) == ["m1"]
    await files.close()


async def test_a_file_under_a_key_that_the_vault_never_held(keeper: SearchFileKeeper) -> None:
    begun = await keeper.begin(SECTOR)
    begun.writer.close()
    name = keeper.folder.put_in_place(begun.name)
    keeper.folder.place_of(name).rename(keeper.folder.place_of(SearchFileName(SECTOR, 2, KeyId("0" * 32))))
    assert await keeper.open(SECTOR) is None


async def test_a_damaged_file_is_none_for_who_searches(keeper: SearchFileKeeper, files: SearchFiles) -> None:
    begun = await keeper.begin(SECTOR)
    (await keeper.finish(begun)).close()
    name = keeper.folder.newest(SECTOR)
    assert name is not None
    keeper.folder.place_of(name).write_bytes(b"x" * 8192)
    assert await hits(files) is None
    assert await keeper.open(SECTOR) is None


async def test_sectors_that_the_town_has_no_more(keeper: SearchFileKeeper, keys: InMemorySearchKeys) -> None:
    for sector in (SECTOR, OTHER):
        (await keeper.finish(await keeper.begin(sector))).close()
    gone = keeper.folder.newest(OTHER)
    assert gone is not None
    await keeper.drop_all_but([SECTOR])
    assert [name.sector for name in keeper.folder.names()] == [SECTOR]
    assert keys.noted == {gone.key_id}


async def test_the_keys_of_files_that_are_lost_are_given_up(keeper: SearchFileKeeper, keys: InMemorySearchKeys) -> None:
    (await keeper.finish(await keeper.begin(SECTOR))).close()
    kept = keeper.folder.newest(SECTOR)
    assert kept is not None
    lost = await keys.new_search_key()
    await keeper.drop_all_but([SECTOR])
    assert keys.noted == {lost.key_id}


async def test_who_reads_a_file_that_is_dropped_is_told_that_there_is_none(
    keeper: SearchFileKeeper, files: SearchFiles
) -> None:
    begun = await keeper.begin(SECTOR)
    put(begun.writer, a_case(1), a_message("fuite", 1))
    writer = await keeper.finish(begun)
    assert await hits(files) == ["m1"]
    writer.close()
    await keeper.drop(SECTOR)
    assert await hits(files) is None


async def test_one_process_writes_in_a_folder(keeper: SearchFileKeeper, keys: InMemorySearchKeys) -> None:
    keeper.claim()
    keeper.claim()
    with pytest.raises(TransientError, match="another process"):
        SearchFileKeeper(keeper.folder, keys).claim()
    keeper.release()
    second = SearchFileKeeper(keeper.folder, keys)
    second.claim()
    second.release()


def test_a_folder_that_is_away(tmp_path: Path, keys: InMemorySearchKeys) -> None:
    away = SearchFolder(tmp_path / "away")
    with pytest.raises(TransientError, match="GUICHET_SEARCH_FILES"):
        away.newest(SECTOR)
    (tmp_path / "away").touch()
    with pytest.raises(TransientError, match="GUICHET_SEARCH_FILES"):
        SearchFileKeeper(away, keys).claim()


def test_a_folder_that_is_not_there_is_made_for_its_keeper_to_write_in(
    tmp_path: Path, keys: InMemorySearchKeys
) -> None:
    keeper = SearchFileKeeper(SearchFolder(tmp_path / "stack" / "search"), keys)
    keeper.claim()
    assert keeper.folder.path.stat().st_mode & 0o777 == 0o750
    keeper.release()


def test_any_name_of_a_sector_and_nothing_else_is_a_search_file(tmp_path: Path) -> None:
    folder = SearchFolder(tmp_path)
    name = SearchFileName(OTHER, 3, KeyId("a" * 32))
    folder.place_of(name).touch()
    for stranger in ("writer.lock", f"{name.text}-wal", "x.00000001.search", f"zz.00000001.{'a' * 32}.search"):
        (tmp_path / stranger).touch()
    assert folder.names() == [name]
    folder.remove([name])
    assert folder.names() == []
    assert not (tmp_path / f"{name.text}-wal").exists()
