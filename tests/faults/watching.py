"""Looks at a run from outside: is everything done, who ended by themselves, what is there to tell."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic

from pymongo.errors import PyMongoError

from guichet.contracts.topics import TOPICS
from guichet.errors import TransientError
from guichet.mongo.client import Database
from guichet.store.deliveries.document import OPEN
from guichet_local.stack import LocalStack
from tests.faults.in_flight import Eyes

EVERY_S = 3.0
LINES = 300  # of a log, looked through for a last word


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


def last_error(log: Path) -> str:
    """Return the error that a service's log names last as the reason of its end."""
    for line in reversed(log.read_text(errors="replace").splitlines()[-LINES:]):
        if '"level": "critical"' in line:
            said = json.loads(line)
            chain = said.get("exception") or [{}]
            return str(said.get("error") or chain[-1].get("class") or said["event"])
    return "its log does not say why"


@dataclass
class Watch:
    """Notes which processes ended although nobody killed them."""

    stack: LocalStack
    killed: set[int]
    ended: list[str] = field(default_factory=list)
    _pids: dict[str, int] = field(default_factory=dict)

    async def run(self, tell: Callable[[], str], say: Callable[[str], None]) -> None:
        """Look again and again, and say how far the run is."""
        while True:
            for state in await asyncio.to_thread(self.stack.supervisor.states):
                before = self._pids.get(state.name, 0)
                if before not in {0, state.pid} and before not in self.killed:
                    log = self.stack.folder / "logs" / f"{state.name}.log"
                    self.ended.append(f"{state.name} ({await asyncio.to_thread(last_error, log)})")
                self._pids[state.name] = state.pid
            say(tell())
            await asyncio.sleep(EVERY_S)
