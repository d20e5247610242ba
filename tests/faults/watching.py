"""Looks at a run from outside: is everything done, who ended by themselves, what is there to tell."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from pymongo.errors import PyMongoError

from guichet.contracts.topics import TOPICS
from guichet.errors import TransientError
from guichet.mongo.client import Database
from guichet.store.deliveries.document import OPEN
from guichet_testing.town.processes import Watch
from tests.faults.trouble.in_flight import Eyes

EVERY_S = 3.0


@dataclass(frozen=True)
class Left:
    """What is still to be done."""

    records: int
    unfiled: int
    outboxes: int
    unsent: int
    untold: int
    unerased: int

    @property
    def is_nothing(self) -> bool:
        """Return whether everything is done."""
        return self == Left(0, 0, 0, 0, 0, 0)

    def __str__(self) -> str:
        return (
            f"{self.records} records, {self.unfiled} messages unfiled, {self.outboxes} outboxes,"
            f" {self.unsent} unsent, {self.untold} untold, {self.unerased} unerased"
        )


async def what_is_left(eyes: Eyes) -> Left:
    """Raises TransientError, and what the driver says while mongod is away."""
    database: Database = eyes.database
    return Left(
        records=sum(lag.records for lag in await eyes.offsets.lags(TOPICS)),
        unfiled=await database["messages"].count_documents({"filed": None}),
        outboxes=await database["cases"].count_documents({"outbox.0": {"$exists": True}}),
        unsent=await database["deliveries"].count_documents(
            {"state": {"$in": list(OPEN)}, "undecided_since": {"$exists": False}}
        ),
        untold=await database["deliveries"].count_documents({"unpublished": True}),
        unerased=len(await eyes.erasures.unfinished()),
    )


async def until_quiet(eyes: Eyes, limit: timedelta, say: Callable[[str], None]) -> bool:
    """Return whether nothing was left, seen twice in a row, within `limit`."""
    end, quiet = monotonic() + limit.total_seconds(), 0
    while monotonic() < end:
        try:
            left = await what_is_left(eyes)
        except (TransientError, PyMongoError):  # a broker is away, or the store elects
            await asyncio.sleep(1.0)
            continue
        quiet = quiet + 1 if left.is_nothing else 0
        if quiet == 2:
            return True
        say(f"left: {left}")
        await asyncio.sleep(1.0 if left.is_nothing else EVERY_S)
    return False


async def watch(processes: Watch, tell: Callable[[], str], say: Callable[[str], None]) -> None:
    """Look again and again at which processes ended, and say how far the run is."""
    while True:
        await asyncio.to_thread(processes.look)
        say(tell())
        await asyncio.sleep(EVERY_S)
