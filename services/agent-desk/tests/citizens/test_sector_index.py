"""Who a sector's id is: the registry is read for it, and not once more for each page that asks meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_desk.handlers.citizens.sector_index import NEWEST, WHOLE_AGAIN, SectorIndex
from guichet.ids import CitizenId, SectorId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.registry.reader import CitizenExists

KEY, STREETS, NOW = b"k" * 32, SectorId("voirie"), datetime(2026, 11, 28, tzinfo=UTC)


class SlowRegistry:
    """Answers once it is let go. read: how often it was read; told: of how many people, in all."""

    def __init__(self) -> None:
        self.people: list[str] = []
        self.formerly: dict[str, tuple[str, ...]] = {}
        self.read = self.told = 0
        self.lets_go = asyncio.Event()

    async def who_exists(self, since: datetime | None = None) -> list[CitizenExists]:
        return await self._tell(self.people)

    async def entered_last(self, count: int) -> list[CitizenExists]:
        return await self._tell(self.people[-count:])

    async def _tell(self, people: list[str]) -> list[CitizenExists]:
        found = [CitizenExists(CitizenId(name), self._before(name)) for name in people]
        self.read, self.told = self.read + 1, self.told + len(found)
        await self.lets_go.wait()
        return found

    def _before(self, name: str) -> tuple[CitizenId, ...]:
        return tuple(map(CitizenId, self.formerly.get(name, ())))


def an_index(registry: Any) -> SectorIndex:
    return SectorIndex(reader=registry, sector_master_key=KEY, clock=lambda: NOW)


def named(name: str, sector: SectorId = STREETS) -> tuple[SectorId, Any]:
    return sector, sector_citizen_id(KEY, sector, CitizenId(name))


async def test_pages_that_ask_at_one_time_have_the_registry_read_twice_at_most() -> None:
    """After a storm two hundred lists held somebody new, and each had it read after all before it had."""
    registry = SlowRegistry()
    registry.people = [f"{nth:032x}" for nth in range(50)]
    index = an_index(registry)
    asked = [asyncio.ensure_future(index.resolve([named(name)])) for name in registry.people]
    await asyncio.sleep(0)
    registry.lets_go.set()
    found = await asyncio.gather(*asked)
    assert all(len(each) == 1 for each in found)
    assert registry.read == 2  # for the first, and for all who asked once that had begun


async def test_who_came_while_the_registry_was_read_is_found_by_the_next_reading() -> None:
    registry = SlowRegistry()
    index = an_index(registry)
    first = asyncio.ensure_future(index.resolve([named("a" * 32)]))
    await asyncio.sleep(0)
    registry.people = ["b" * 32]  # after the first reading began
    second = [asyncio.ensure_future(index.resolve([named("b" * 32)])) for _ in range(20)]
    await asyncio.sleep(0)
    registry.lets_go.set()
    assert await first == {}
    assert all(len(each) == 1 for each in await asyncio.gather(*second))
    assert registry.read == 2


async def test_one_reading_serves_every_sector_of_a_page() -> None:
    """A list of seven departments had the registry read seven times, one after the other."""
    registry = SlowRegistry()
    registry.people = ["a" * 32]
    registry.lets_go.set()
    index = an_index(registry)
    assert len(await index.resolve([named("a" * 32, SectorId(f"sector-{nth}")) for nth in range(7)])) == 7
    assert registry.read == 1
    registry.people += ["b" * 32]
    assert len(await index.resolve([named("b" * 32, SectorId(f"sector-{nth}")) for nth in range(7)])) == 7
    assert registry.read == 2


async def test_who_was_merged_this_month_is_found_by_the_id_they_had() -> None:
    registry = SlowRegistry()
    registry.people = ["a" * 32, "b" * 32]
    registry.lets_go.set()
    index = an_index(registry)
    assert [*(await index.resolve([named("b" * 32)])).values()] == ["b" * 32]
    registry.people, registry.formerly = ["a" * 32, "c" * 32], {"a" * 32: ("b" * 32,)}
    found = await index.resolve([named("b" * 32), named("c" * 32)])
    assert {*found.values()} == {"a" * 32, "c" * 32}


def newcomers(count: int, first: int = 0) -> list[str]:
    return [f"{nth:032x}" for nth in range(first, first + count)]


async def test_who_has_just_come_is_found_among_those_entered_last() -> None:
    """After a storm each list had tens of thousands of this month's newcomers read again."""
    registry = SlowRegistry()
    registry.people = newcomers(5_000)
    registry.lets_go.set()
    index = an_index(registry)
    await index.resolve([named(registry.people[0])])  # all of the registry
    for nth in range(5_000, 5_100):
        registry.people.append(f"{nth:032x}")
        assert len(await index.resolve([named(registry.people[-1])])) == 1
    assert registry.read == 101
    assert registry.told == 5_000 + 100 * NEWEST


async def test_who_came_before_more_than_are_read_is_found_all_the_same() -> None:
    registry = SlowRegistry()
    registry.people = newcomers(10)
    registry.lets_go.set()
    index = an_index(registry)
    await index.resolve([named(registry.people[0])])
    registry.people += ["a" * 32, *newcomers(NEWEST, first=10)]
    assert len(await index.resolve([named("a" * 32)])) == 1
    assert registry.read == 3


async def test_who_is_nowhere_is_not_looked_for_at_each_page() -> None:
    """A list that held a case of somebody erased had the month read whenever it was shown."""
    now = [NOW]
    registry = SlowRegistry()
    registry.people = newcomers(10)
    registry.lets_go.set()
    index = SectorIndex(reader=registry, sector_master_key=KEY, clock=lambda: now[0])
    for _ in range(5):
        assert await index.resolve([named("e" * 32)]) == {}
    assert registry.read == 1
    assert len(await index.resolve([named("e" * 32), named(registry.people[3])])) == 1
    now[0] += WHOLE_AGAIN + timedelta(seconds=1)
    registry.people.append("e" * 32)
    assert len(await index.resolve([named("e" * 32)])) == 1
