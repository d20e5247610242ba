"""Let a town live through a year, some hours at a time, with everything that goes wrong in it; then judge it."""

import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as of_day
from typing import Final

from guichet.contracts.topics import INBOUND_EMAIL
from guichet.law.calendar import PARIS
from guichet.mongo.client import Database
from guichet_testing.builders.clocked_town import clocked_town
from tests.year.agents import Agents
from tests.year.arrivals import Arrival, arrivals_of
from tests.year.clock import MovedClock
from tests.year.faces import in_memory, in_mongo
from tests.year.generator import volumes
from tests.year.incidents import Incidents, incidents_of
from tests.year.judgement import Judgement, judge
from tests.year.messages import message_of
from tests.year.seen import Seen
from tests.year.town import KEYS, LivingTown

YEAR: Final = 2026
HOURS: Final = (of_day(0, 10), of_day(8, 5), of_day(12), of_day(16), of_day(18, 30), of_day(23, 30))
WORKING_HOUR: Final = of_day(12)
ALWAYS: Final = (HOURS[0], WORKING_HOUR)
MORE_DAYS: Final = 20
"""After the year: so that the last of it are acknowledged, too."""
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """seconds: of the whole. memory: bytes that the process took at most, both services and the test in it."""

    messages: int
    seconds: float
    memory: int
    seed: int
    letters: int


@dataclass(frozen=True)
class Lived:
    """A year that is over."""

    incidents: Incidents
    judgement: Judgement
    figures: Figures


async def live_a_year(seed: int, messages: int, say: Callable[[str], None], database: Database | None = None) -> Lived:
    """Return what came of so many messages. database: as prepared, and empty; None: in memory."""
    began, rng, town = time.monotonic(), random.Random(f"year-{seed}"), clocked_town()
    events = volumes.plan(rng, YEAR)
    texts = town.facts["sms"].lane
    assert texts is not None
    incidents = incidents_of(YEAR, events.storm, town.facts["email"].lane or "", texts)
    arrivals = arrivals_of(rng, messages, YEAR, events, incidents)
    assert len(arrivals) == messages
    seen, agents = Seen(), Agents(seed)
    clock = MovedClock(_at(date(YEAR, 1, 1), HOURS[0]))
    faces = in_memory(town, clock) if database is None else in_mongo(database, town, KEYS)
    living = LivingTown(faces, town, clock, incidents, seen.hear)
    year = _Year(living, seen, agents, arrivals, incidents)
    last = date(YEAR, 12, 31) + MORE_DAYS * A_DAY
    for day in _days(date(YEAR, 1, 1), last):
        if day.day == 1:
            say(
                f"{day:%B %Y}: {year.arrived} messages so far, {len(seen.cases)} cases, {time.monotonic() - began:.0f} s"
            )
        await year.live(day)
    judgement = judge(arrivals, seen, agents, living, incidents, until=last)
    judgement.findings += year.findings
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Lived(
        incidents,
        judgement,
        Figures(messages, time.monotonic() - began, memory, seed, len(living.handed)),
    )


class _Year:
    """One day after the other."""

    def __init__(
        self, town: LivingTown, seen: Seen, agents: Agents, arrivals: list[Arrival], incidents: Incidents
    ) -> None:
        self._town, self._seen, self._agents, self._incidents = town, seen, agents, incidents
        self._arrivals = arrivals
        self._by_message: dict[str, Arrival] = {}
        self._letters_wait = False
        self.findings: list[str] = []
        self.arrived = 0

    async def live(self, day: date) -> None:
        """Let its hours come. On a day of outage nothing of ours runs: what comes meanwhile waits."""
        if day in self._incidents.outages:
            return
        self._town.clock.move_to(_at(day, HOURS[0]))
        was_away = day - A_DAY in self._incidents.outages
        if await self._town.look_for_days_passed_over() and not was_away:
            self.findings.append(f"{day}: a day of a clock was passed over, and nothing was down")
        for hour in HOURS:
            self._town.clock.move_to(_at(day, hour))
            came = await self._let_arrive(self._town.clock())
            if not came and hour not in ALWAYS and not self._letters_wait:
                continue  # nothing could happen
            await self._town.settle()
            for opened in self._seen.taken_new():
                self._agents.take_up(opened, self._by_message[opened.message_id], day)
            if hour == WORKING_HOUR and await self._agents.work(day, self._town):
                await self._town.settle()
            self._letters_wait = await self._town.has_letters_waiting()
        if await self._town.look_for_days_passed_over():
            self.findings.append(f"{day}: a day of a clock is passed over still in the evening")

    async def _let_arrive(self, now: datetime) -> int:
        before = self.arrived
        while self.arrived < len(self._arrivals) and self._arrivals[self.arrived].at <= now:
            arrival = self._arrivals[self.arrived]
            message = await message_of(arrival, self._town.vault)
            self._by_message[message.message_id] = arrival
            self._seen.arrived[message.message_id] = arrival
            self._town.bus.hand_in(INBOUND_EMAIL.name, message)
            self.arrived += 1
        return self.arrived - before


def _at(day: date, hour: of_day) -> datetime:
    return datetime.combine(day, hour, PARIS)


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += A_DAY
