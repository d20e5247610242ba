"""The messages of the year, in order of time: drawn ones, those of the storm, and some just where incidents hurt. Pure.

The planted ones make sure that a short year meets each incident: what is due on the day of an outage, what comes in the
evening in which a provider goes down.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from guichet.law.calendar import PARIS
from tests.year.generator import paris, volumes
from tests.year.generator.threads import threads
from tests.year.incidents import Incidents
from tests.year.law import ARE_WORKING_DAYS, is_working, working_day_after

STORM_SHARE: Final = 0.03
FLOODED: Final = 25  # messages of the storm that one household writes, in half of it: more than get a receipt each
FROM_MACHINES: Final = 0.02
PLANTED_FOR_EACH: Final = 1_000
AT_LEAST: Final = 3
LAST_MINUTES: Final = timedelta(minutes=15)
"""Of a day: whoever writes then is answered on the next one."""


@dataclass(frozen=True)
class Arrival:
    """A message. at: aware, received in law and at our edge. is_first: of its thread. planted: no agent qualifies it."""

    number: int
    at: datetime
    channel: str
    category: str
    sender: str
    thread: str
    is_first: bool = True
    is_automatic: bool = False
    is_planted: bool = False

    @property
    def name(self) -> str:
        """What its ids derive from."""
        return f"year-{self.number}"


@dataclass(frozen=True)
class _Written:
    at: datetime
    channel: str
    category: str
    sender: str
    thread: str
    is_automatic: bool = False
    is_planted: bool = False


def arrivals_of(
    rng: random.Random, count: int, year: int, events: volumes.Events, incidents: Incidents
) -> list[Arrival]:
    """Return exactly so many."""
    written = [*_planted(max(AT_LEAST, count // PLANTED_FOR_EACH), incidents), *_storm(rng, count, incidents)]
    written += _drawn(rng, count - len(written), year, events)
    opened: set[str] = set()
    arrivals: list[Arrival] = []
    for number, each in enumerate(sorted(written, key=lambda one: (one.at, one.thread))):
        is_first = each.thread not in opened
        opened.add(each.thread)
        arrivals.append(Arrival(number=number, is_first=is_first, **vars(each)))
    return arrivals


def _drawn(rng: random.Random, count: int, year: int, events: volumes.Events) -> Iterator[_Written]:
    for (at, channel, category, _), thread in threads(rng, volumes.draw(rng, count, year, events)):
        moment = datetime.fromisoformat(paris.iso(at))
        is_automatic = channel == "email" and rng.random() < FROM_MACHINES
        of = f"machine-{rng.getrandbits(40):x}" if is_automatic else thread.key
        yield _Written(moment, channel, category, thread.sender, of, is_automatic)


def _storm(rng: random.Random, count: int, incidents: Incidents) -> Iterator[_Written]:
    """Yield what an hour brings: half of it from some households that write again and again."""
    size = int(count * STORM_SHARE)
    for nth in range(size):
        sender = f"storm-household-{nth // 2 // FLOODED}" if nth % 2 else f"storm-{nth}"
        channel = "email" if nth % 2 else rng.choice(("email", "portal", "sms"))
        at = incidents.storm + timedelta(seconds=rng.uniform(0, 3600))
        yield _Written(at, channel, "tree", sender, f"storm-{nth}")


def _planted(each: int, incidents: Incidents) -> Iterator[_Written]:
    """Yield what an outage makes late: its acknowledgement's last day is one, or its first receipt's only one; and who
    writes as a provider goes down."""
    moments = [("email", _at(_ten_working_days_before(day), 11)) for day in incidents.outages]
    moments += [("email", _at(day, 0) - LAST_MINUTES) for day in incidents.outages]
    moments += [
        ("email", incidents.relay.since + timedelta(hours=2)),
        ("sms", incidents.texts.since + timedelta(hours=2)),
    ]
    moments += [("sms", _at(_ten_working_days_before((incidents.texts.since + timedelta(days=1)).date()), 11))]
    for place, (channel, at) in enumerate(moments):
        for nth in range(each):
            name = f"planted-{place}-{nth}"
            yield _Written(at + timedelta(seconds=nth), channel, "pothole", name, name, is_planted=True)


def _ten_working_days_before(day: date) -> date:
    before = day
    while working_day_after(before, ARE_WORKING_DAYS) != day or not is_working(before):
        before -= timedelta(days=1)
    return before


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), PARIS)
