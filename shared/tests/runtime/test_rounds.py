"""Work done round after round: what ends the loop, and what it says meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from guichet.errors import TransientError
from guichet.runtime.rounds import in_rounds

EVERY = timedelta(minutes=10)


class Work:
    """Fails of each error in turn, then goes well. slept: the pauses; in the third the loop is cut."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.done, self.slept = list(errors), 0, list[timedelta]()

    async def __call__(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.done += 1

    async def sleep(self, pause: timedelta) -> None:
        self.slept.append(pause)
        if len(self.slept) == 3:
            raise asyncio.CancelledError


async def test_an_outage_does_not_end_it_and_the_log_says_which_round_waits() -> None:
    work = Work(TransientError("the store is away"))
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await in_rounds(work, EVERY, work.sleep, "what is over stays", executor="ORPHANS")
    assert (work.done, work.slept) == (2, [EVERY] * 3)
    [told] = logs
    assert (told["event"], told["error"], told["executor"]) == ("what is over stays", "the store is away", "ORPHANS")


async def test_another_error_ends_it() -> None:
    work = Work(ValueError("no list"))
    with pytest.raises(ValueError, match="no list"):
        await in_rounds(work, EVERY, work.sleep, "waits")
    assert (work.done, work.slept) == (0, [])


@pytest.mark.parametrize("ends", [lambda: None, lambda: 1 / 0], ids=["well", "of an error"])
async def test_cancelled_it_waits_for_work_that_ends_an_attempt_first(ends: Callable[[], object]) -> None:
    seen, begun, attempt = list[str](), asyncio.Event(), asyncio.Event()

    async def to_its_end() -> None:
        begun.set()
        task = asyncio.ensure_future(attempt.wait())
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            seen.append("attempted")
            ends()
            raise

    async def sleep(_pause: timedelta) -> None:
        seen.append("another round")

    loop = asyncio.create_task(in_rounds(to_its_end, EVERY, sleep, "waits"))
    await begun.wait()
    loop.cancel()
    await asyncio.sleep(0.01)
    assert not loop.done(), "it does not leave an attempt behind"
    attempt.set()
    await asyncio.wait({loop})
    assert seen == ["attempted"]
