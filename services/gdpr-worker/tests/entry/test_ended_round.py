"""The round that removes what is over goes by the Clock."""

import asyncio
from datetime import timedelta

from prometheus_client import REGISTRY

from gdpr_worker.entry.ended_round import EVERY_DAY, FIRST_REST, LOOK_EVERY, EndedRound
from guichet.clock import SystemClock
from guichet.errors import PermanentError, TransientError
from guichet.privacy.data_map.retention import Executor
from guichet_testing.twins.clock import StillClock
from guichet_testing.until import until


class Ended:
    """Notes when it was asked. away: the store does not answer. bug: raised once."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.away = False
        self.bug: Exception | None = None

    async def remove(self, now):
        self.asked.append(now)
        if self.away:
            raise TransientError("the store is away")
        if self.bug is not None:
            bug, self.bug = self.bug, None
            raise bug
        return {"sessions": 2, "sign_in_tries": 0}


async def test_a_round_tells_how_many_went():
    assert await EndedRound(Ended(), StillClock().now, sleep=SystemClock().sleep).one_round() == 2


async def let_it_run():
    """Let the round come to its next rest, however busy the machine is."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_move_of_the_clock_wakes_the_round_and_one_that_failed_is_made_good():
    clock, ended = StillClock(), Ended()
    ended.away = True
    task = asyncio.create_task(EndedRound(ended, clock.now, clock.sleep).run())
    try:
        await until(lambda: len(ended.asked) == 1)
        ended.away = False
        clock.move(timedelta(days=3))
        await until(lambda: len(ended.asked) == 2)
        assert ended.asked[1] - ended.asked[0] == timedelta(days=3)
        clock.move(timedelta(hours=-1))
        await let_it_run()
        assert len(ended.asked) == 2
        clock.let_pass(LOOK_EVERY)
        await until(lambda: len(ended.asked) == 3)
    finally:
        task.cancel()


async def test_who_starts_rests_and_a_bug_is_an_alarm_that_takes_nobody_down():
    clock, ended = StillClock(), Ended()
    ended.bug = PermanentError("nobody foresaw it")
    round_ = EndedRound(ended, clock.now, clock.sleep, Executor.ORPHANS, every=EVERY_DAY, first_after=FIRST_REST)
    task = asyncio.create_task(round_.run())
    try:
        await let_it_run()
        assert not ended.asked, "no listing of every file at each restart"
        clock.let_pass(FIRST_REST)
        await until(
            lambda: REGISTRY.get_sample_value("guichet_alarm", {"alarm": "bug", "cause": "gdpr-worker:ORPHANS"})
        )
        await let_it_run()
        clock.let_pass(EVERY_DAY)
        await until(lambda: len(ended.asked) == 2)
        assert not task.done()
    finally:
        task.cancel()
