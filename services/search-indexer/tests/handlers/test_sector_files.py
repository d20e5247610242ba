"""Files are made from the store where they are missing, damaged or behind, and get another key after each rotation."""

from pathlib import Path
from typing import Any

import pytest

from guichet.errors import TransientError
from guichet.ids import SectorId
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.search_files.errors import DamagedFileError
from guichet.search_files.folder import SearchFolder

STREETS, SOCIAL = SectorId("cadre-de-vie"), SectorId("social")


def stands(sector: SectorId) -> bool:
    return bool(ALARM.labels(Alarm.SEARCH_REBUILDING.value, sector)._value.get())


def file_of(world: Any, sector: SectorId = STREETS) -> Path:
    folder = SearchFolder(world.folder)
    newest = folder.newest(sector)
    assert newest is not None
    return folder.place_of(newest)


async def test_what_was_there_before_is_found_newest_first(world: Any) -> None:
    """As in an installation that comes from before: no group, and no file."""
    one, two = await world.a_case("1", "fuite"), await world.a_case("2", "fuite")
    three = await world.a_case("3", "fuite", sector=SOCIAL, department="ccas")
    await world.writes(one, "encore la fuite")
    await world.start()
    assert await world.found("fuite") == [one.case_id, two.case_id]
    assert await world.found("fuite", SOCIAL) == [three.case_id]
    assert not stands(STREETS)


async def test_what_was_there_is_found_whole_and_newest_first_however_many_batches_it_takes(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, few in {"CASES_AT_ONCE": 2, "MESSAGES_AT_ONCE": 2, "WAITING_AT_ONCE": 5}.items():
        monkeypatch.setattr(f"search_indexer.handlers.make_files.{name}", few)
    cases = [await world.a_case(str(nth), "fuite") for nth in range(9)]
    await world.start()
    assert await world.found("fuite") == [case.case_id for case in reversed(cases)]


async def test_a_file_that_is_there_is_gone_on_with(world: Any) -> None:
    await world.start()
    await world.index(await world.a_case("1", "fuite"), places={0: 5})
    was = file_of(world)
    await world.end()
    world.begin()
    await world.files.open({0: 5})
    await world.files.check()
    assert file_of(world) == was


async def test_a_file_that_is_behind_what_was_handled_is_made_again(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    await world.end()
    world.begin()
    await world.files.open({0: 5})
    with pytest.raises(TransientError, match="being made"):
        await world.files.check()
    assert await world.found("fuite") is None, "who searches is told"
    await world.files.make_missing()
    assert await world.found("fuite") == [case.case_id]


async def test_a_making_that_fails_leaves_no_file_and_no_key(world: Any) -> None:
    """Each round left a file more, until the disk was full."""
    case, make = await world.a_case("1", "fuite"), world.files.make

    async def fail(_files: Any) -> None:
        raise TransientError("the store is away")

    world.files.make = fail
    await world.files.open({})
    for _ in range(3):
        with pytest.raises(TransientError, match="away"):
            await world.files.make_missing()
    assert [*world.folder.glob("*.part*")] == []
    assert await world.keys.living_search_keys() == await world.keys.given_up(), "the vault destroys them all"
    world.files.make = make
    await world.files.make_missing()
    assert await world.found("fuite") == [case.case_id]


async def test_where_a_file_counts_already_its_key_is_not_given_up(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.a_case("1", "fuite")

    async def fail(_sector: Any) -> None:
        raise TransientError("the vault is away")

    await world.files.open({})
    monkeypatch.setattr(world.keeper, "tidy", fail)
    with pytest.raises(TransientError, match="vault"):
        await world.files.make_missing()
    in_place = {name.key_id for name in world.keeper.folder.names() if not name.is_part}
    assert in_place
    assert in_place.isdisjoint(await world.keys.given_up())


async def test_a_file_that_is_lost_while_it_is_open_is_made_again(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    await world.index(case)
    lost = file_of(world)
    lost.unlink()
    assert await world.found("fuite") is None, "who searches is told"
    await world.files.make_missing()
    assert await world.found("fuite") == [case.case_id]
    await world.index(await world.a_case("2", "fuite"))
    assert len(await world.found("fuite")) == 2


async def test_a_file_that_was_made_knows_until_where_the_topic_was_handled(world: Any) -> None:
    await world.start({0: 5})
    await world.end()
    world.begin()
    await world.files.open({0: 5})
    await world.files.check()


async def test_a_file_that_is_found_damaged_is_made_again(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    broken = world.files._writers[STREETS]

    def raise_damaged() -> None:
        raise DamagedFileError("a page")

    broken.check = raise_damaged
    with pytest.raises(TransientError, match="damaged"):
        async with world.files.held():
            raise_damaged()
    with pytest.raises(TransientError, match="being made"):
        await world.files.check()
    assert await world.found("fuite") is None, "who searches is told"
    await world.files.make_missing()
    assert await world.found("fuite") == [case.case_id]


async def test_after_a_rotation_what_is_gone_leaves_and_every_file_has_another_key(world: Any) -> None:
    await world.start()
    await world.follower.look()
    case, gone = await world.a_case("1", "fuite"), await world.a_case("2", "fuite")
    moved = await world.a_case("3", "fuite")
    lost = await world.writes(case, "trottoir")
    await world.index(case, gone, moved)
    was = {sector: file_of(world, sector) for sector in (STREETS, SOCIAL)}
    del world.cases.cases[gone.case_id]
    del world.messages.messages[lost]
    world.cases.cases[moved.case_id] = moved.model_copy(update={"sector": SOCIAL})
    await world.follower.look()
    assert {sector: file_of(world, sector) for sector in was} == was, "no rotation since"
    world.rotation = 2
    await world.follower.look()
    assert all(file_of(world, sector) != place and not place.exists() for sector, place in was.items())
    assert {place.name.split(".")[2] for place in was.values()} <= world.keys.noted, "gdpr-worker destroys these"
    assert await world.found("fuite") == [case.case_id]
    assert await world.found("trottoir") == []


async def test_a_vault_that_is_away_leaves_everything_as_it_was(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    await world.index(case)
    world.vault.away, world.rotation = True, 2
    with pytest.raises(TransientError):
        await world.follower.look()
    world.vault.away = False
    assert await world.found("fuite") == [case.case_id]
    was = file_of(world)
    await world.follower.look()
    assert file_of(world) != was, "the key that did not come is asked for again"
    assert await world.found("fuite") == [case.case_id]


async def test_sectors_that_the_town_has_no_more(world: Any) -> None:
    await world.start()
    place = file_of(world, SOCIAL)
    await world.end()
    world.begin()
    world.files.sectors = (STREETS,)
    await world.files.open({})
    assert not place.exists()
