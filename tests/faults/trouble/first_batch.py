"""Exceptions where Faust's own agents lose messages: in the first batch of a new group, and in a batch of one.

The router's loop throws, the process ends, nothing was committed; and a bug in the rules over a batch of one, which
puts the message aside until an operator replays it.
"""

import asyncio
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass

from guichet.contracts.topics import TOPICS
from guichet.kafka.admin.offsets import Lag, Offsets
from guichet_local.machine.process import end_with_parent
from guichet_local.stack import LocalStack
from guichet_testing.until import until

ROUTER = "case-router"
MISBEHAVING = "guichet_testing.town.misbehaving"
ENDS_WITHIN = 60.0


@dataclass(frozen=True)
class Thrown:
    """An exception that was thrown. where: which batch; wrong: what did not hold."""

    where: str
    batch: int
    told: str
    wrong: tuple[str, ...] = ()


class FaultyRouters:
    """Runs faulty routers in the place of the stack's own, which must not run meanwhile."""

    def __init__(self, stack: LocalStack, offsets: Offsets) -> None:
        self._stack = stack
        self._offsets = offsets

    async def first_batch(self) -> Thrown:
        """Throw in the first batch of a group that never committed."""
        before = await self._lags()
        new = () if all(lag.committed is None for lag in before) else ("the group is not new",)
        size, wrong = await self._throw_in_the_loop(before)
        if size < 2:
            wrong += (f"the batch held {size} record(s)",)
        return Thrown("the first batch of a new group", size, "the process ended, nothing committed", new + wrong)

    async def batch_of_one(self) -> Thrown:
        """Throw in a batch of one message, the only one that waits."""
        size, wrong = await self._throw_in_the_loop(await self._lags())
        if size != 1:
            wrong += (f"the batch held {size} record(s)",)
        return Thrown("a batch of one", size, "the process ended, nothing committed", wrong)

    async def bug_over(self, word: str) -> Thrown:
        """Throw in the rules over the only message that waits, which says `word`; then replay its dead letter."""
        waiting = sum(lag.records for lag in await self._lags())
        process = self._start("stumbling_router", word)
        try:
            with suppress(TimeoutError):  # what is left shows in the verdicts
                await until(self.is_done, seconds=ENDS_WITHIN)
        finally:
            process.terminate()
            status = await asyncio.to_thread(process.wait, 30)
        wrong = () if status == 0 else (f"the process ended with {status}",)
        return Thrown("a batch of one, in a handler", waiting, "put aside as a bug, replayed by the operator", wrong)

    async def is_done(self) -> bool:
        """Return whether the group has handled everything that waits."""
        return not sum(lag.records for lag in await self._lags())

    async def _throw_in_the_loop(self, before: list[Lag]) -> tuple[int, tuple[str, ...]]:
        told = self._stack.folder / "thrown"
        told.unlink(missing_ok=True)
        process = self._start("throwing_router", str(told))
        status = await asyncio.to_thread(_ended, process)
        next_before = {lag.topic_partition: lag.next_offset for lag in before}
        moved = [
            str(lag.topic_partition)
            for lag in await self._lags()
            if lag.next_offset != next_before[lag.topic_partition]
        ]
        wrong = [f"it ended with {status}, not as after a crash"] if status != 1 else []
        wrong += [f"committed although nothing was done: {', '.join(moved)}"] if moved else []
        return (int(told.read_text()) if told.exists() else 0), tuple(wrong)

    def _start(self, router: str, argument: str) -> "subprocess.Popen[bytes]":
        with (self._stack.folder / "logs" / "faulty-router.log").open("ab") as log:
            return subprocess.Popen(
                [*end_with_parent(), sys.executable, "-m", f"{MISBEHAVING}.{router}", argument],
                env=self._stack.environment_of(ROUTER),
                stdout=log,
                stderr=log,
            )

    async def _lags(self) -> list[Lag]:
        found = await self._offsets.lags([topic for topic in TOPICS if ROUTER in topic.groups])
        return [lag for lag in found if lag.group == ROUTER]


def _ended(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait(ENDS_WITHIN)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
