"""Let routers look at many cases while they are killed and the clock is moved; compare what people heard with a walk.

On real processes, a real broker and a real store.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from guichet.case.record import CaseRecord
from guichet.law.calendar import paris_date
from guichet.mongo.client import Database
from guichet.store.cases.store import MongoCaseStore
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.town.services import only
from guichet_testing.town.store import database_of
from guichet_testing.until import until
from tests.timers.cases import Expected, Heard, cases

ROUTER: Final = "case-router"
ROUTERS: Final = 2
BATCH: Final = 2_000
PATIENCE_S: Final = 3_600.0
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
STEPS: Final = (A_DAY, A_DAY, 8 * A_DAY, -AN_HOUR, A_DAY, A_DAY)
"""Ten days ahead, in the end by one leap; then an hour back; then on."""


@dataclass(frozen=True)
class Outcome:
    """missing, doubled: of what was to happen. kills: of routers. events: all that people heard."""

    count: int
    missing: Heard
    doubled: Heard
    kills: int
    events: int
    left: int

    @property
    def holds(self) -> bool:
        """Whether each thing happened once, and no case is left whose day has come."""
        return not self.missing and not self.doubled and not self.left


async def let_days_come(folder: Path, count: int, seed: int, say: Callable[[str], None]) -> Outcome:
    """Return what came of it. seed: of when routers are killed."""
    with LocalStack(folder, services=only(ROUTER), held_back=[ROUTER]) as stack:
        database, town = database_of(stack), the_example_town()
        departments = {str(name): str(each.department) for name, each in town.procedures.items()}
        every = [*cases(count, _today(stack), town.clock_rules, departments)]
        await _fill(database, every, say)
        expected, chaos = Expected(town.clock_rules), Chaos(stack, random.Random(seed))
        stack.start(ROUTER)
        names = stack.scale(ROUTER, ROUTERS)
        for step in (timedelta(0), *STEPS):
            stack.move_clock(step)
            day = _today(stack)
            say(f"It is {day}.")
            expected.live(every, day)
            await asyncio.sleep(chaos.soon())
            await chaos.kill(names[0])  # as it begins to look: a short run is over in a second
            await chaos.while_it_goes_on(names, lambda day=day: _none_is_due(database, day))
        await until(lambda: _nothing_waits(database), "every event is in the history", seconds=PATIENCE_S)
        heard, left = await _heard(database), await _left(database, _today(stack))
        missing, doubled = expected.heard - heard, heard - expected.heard
        return Outcome(count, missing, doubled, chaos.kills, sum(heard.values()), left)


class Chaos:
    """Kills a router every now and then, as a power cut does; the stack starts it again."""

    def __init__(self, stack: LocalStack, when: random.Random) -> None:
        self._stack = stack
        self._when = when
        self.kills = 0

    def soon(self) -> float:
        """Return some hundredths of a second."""
        return self._when.uniform(0.0, 0.3)

    async def while_it_goes_on(self, names: Sequence[str], is_over: Callable[[], object]) -> None:
        """Kill until it is over."""
        killing = asyncio.create_task(self._kill_on(names))
        try:
            await until(is_over, "no case is due any more", seconds=PATIENCE_S, longest_pause=0.5)  # type: ignore[call-overload]
        finally:
            killing.cancel()
            with suppress(asyncio.CancelledError):
                await killing

    async def kill(self, name: str) -> None:
        """Kill one."""
        await asyncio.to_thread(self._stack.kill, name)
        self.kills += 1

    async def _kill_on(self, names: Sequence[str]) -> None:
        while True:
            await asyncio.sleep(self._when.uniform(1.0, 6.0))
            await self.kill(self._when.choice([*names]))


def _today(stack: LocalStack) -> date:
    return paris_date(datetime.now(UTC) + stack.move_clock(timedelta(0)))


async def _fill(database: Database, every: Sequence[CaseRecord], say: Callable[[str], None]) -> None:
    store = MongoCaseStore(database)
    for begin in range(0, len(every), BATCH):
        refused = await store.insert_new(every[begin : begin + BATCH])
        assert not refused.cases, refused
        assert not refused.references, refused
    say(f"{len(every)} cases lie in the store.")


async def _none_is_due(database: Database, day: date) -> bool:
    return not await MongoCaseStore(database).to_reckon(day, 1)


async def _left(database: Database, day: date) -> int:
    return len(await MongoCaseStore(database).to_reckon(day, 1_000))


async def _nothing_waits(database: Database) -> bool:
    return await database["cases"].find_one({"outbox.0": {"$exists": True}}) is None


async def _heard(database: Database) -> Heard:
    heard: Heard = Counter()
    types = {"type": {"$in": ["ClockReached", "ReceiptOwed"]}}
    async for each in database["case_history"].find(types):
        if each["type"] == "ClockReached":
            heard[each["case_id"], each["type"], f"{each['state']} {each['code']}", each["due"]] += 1
        else:
            heard[each["case_id"], each["type"], each["code"], None] += 1
    return heard
