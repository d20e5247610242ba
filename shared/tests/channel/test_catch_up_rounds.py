"""Which process catches up, and what it says when it cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from guichet.channel import catch_up_rounds
from guichet.channel.catch_up_rounds import FAILURES, READY, Leading, catching_up
from guichet.channel.lent import Host
from guichet.contracts.topics import INBOUND_SMS, INBOUND_THIRD_PARTY
from guichet.errors import SettingsError, TransientError
from guichet.mongo.lease import Held
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.conformance.world import World
from guichet_testing.twins.clock import StillClock
from guichet_testing.twins.store.catch_ups import InMemoryCatchUps

EVERY = timedelta(minutes=5)
LATE_FILES, NO_LIST = "ingest-sms:files", "ingest-sms:list"


def lent(catch_ups: InMemoryCatchUps, clock: StillClock) -> Host:
    return replace(World().lend("twilio", INBOUND_SMS), service="ingest-sms", catch_ups=catch_ups, clock=clock)


class Rounds:
    """late: what each round says. fails: Twilio does not answer."""

    def __init__(self) -> None:
        self.late = 0
        self.fails = False
        self.made = 0

    async def one_round(self, held: Held) -> int:
        await held.keep()
        self.made += 1
        if self.fails:
            raise TransientError("Twilio's message list: status 500")
        return self.late


class Process:
    def __init__(self, catch_ups: InMemoryCatchUps, clock: StillClock) -> None:
        self.rounds = Rounds()
        self.leading = Leading(self.rounds.one_round, lent(catch_ups, clock), EVERY)


@asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(each.leading.run()) for each in processes]
    await let_tasks_run()
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def let_tasks_run() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def holds(cause: str) -> bool:
    return bool(ALARM.labels(Alarm.CATCH_UP_BEHIND.value, cause)._value.get())


async def test_one_process_makes_every_round_and_the_other_takes_over_when_it_ends() -> None:
    clock, catch_ups = StillClock(), InMemoryCatchUps()
    first, second = Process(catch_ups, clock), Process(catch_ups, clock)
    async with running(first, second) as tasks:
        for _ in range(3):
            clock.let_pass(EVERY)
            await let_tasks_run()
        assert (first.rounds.made, second.rounds.made) == (4, 0)
        tasks[0].cancel()
        await let_tasks_run()
        clock.let_pass(READY)
        await let_tasks_run()
        assert (first.rounds.made, second.rounds.made) == (4, 1)


class Lease:
    """Tells once it was kept twice. lost: another process has taken it over."""

    def __init__(self) -> None:
        self.times = 0
        self.kept_again = asyncio.Event()
        self.lost = False

    async def keep(self) -> None:
        self.times += 1
        if self.times == 2:
            self.kept_again.set()
        if self.lost:
            raise TransientError("another process took the catching up over")


async def test_the_lease_is_kept_while_a_long_list_is_read_before_its_first_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catch_up_rounds, "RENEWED", timedelta(milliseconds=10))
    lease, rounds = Lease(), LongList()
    led = asyncio.create_task(Leading(rounds.one_round, lent(InMemoryCatchUps(), StillClock()), EVERY)._lead(lease))
    # Unkept, a second process takes over from one that reads, and is taken over from in its turn.
    async with asyncio.timeout(20):
        await lease.kept_again.wait()
        lease.lost = True
        with pytest.raises(TransientError, match="took the catching up over"):
            await led
    assert rounds.was_ended, "two processes read on"


class LongList:
    """Rounds of which each reads for hours until it comes to a message."""

    def __init__(self) -> None:
        self.was_ended = False

    async def one_round(self, held: Held) -> int:
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            self.was_ended = True


async def test_a_list_that_does_not_answer_is_an_alarm_until_it_does() -> None:
    clock = StillClock()
    process = Process(InMemoryCatchUps(), clock)
    process.rounds.fails = True
    async with running(process):
        assert not holds(NO_LIST), "one refusal is no alarm"
        for _ in range(FAILURES):
            clock.let_pass(EVERY)
            await let_tasks_run()
        assert holds(NO_LIST)
        process.rounds.fails = False
        clock.let_pass(EVERY)
        await let_tasks_run()
        assert not holds(NO_LIST)


async def test_a_file_that_is_waited_for_is_an_alarm_until_it_came_or_was_given_up() -> None:
    clock = StillClock()
    process = Process(InMemoryCatchUps(), clock)
    process.rounds.late = 1
    async with running(process):
        assert holds(LATE_FILES)
        process.rounds.late = 0
        clock.let_pass(EVERY)
        await let_tasks_run()
        assert not holds(LATE_FILES)


async def test_a_bug_in_a_round_does_not_end_the_rounds() -> None:
    clock = StillClock()
    process = Process(InMemoryCatchUps(), clock)
    process.rounds.late = None  # type: ignore[assignment]
    process.leading._one_round = None  # type: ignore[assignment]
    async with running(process):
        process.leading._one_round = process.rounds.one_round
        clock.let_pass(READY)
        await let_tasks_run()
        assert process.rounds.made == 1


async def test_a_host_whose_user_may_not_keep_a_place_is_told_so_before_it_starts() -> None:
    """It had every round fail, where nobody looks: a town's third parties have no right on `catch_ups`."""
    rounds = Rounds()
    host = World().lend("pigeon", INBOUND_THIRD_PARTY)
    with pytest.raises(SettingsError, match=r"pigeon: .* kept for the host of inbound-sms alone .* taken in once"):
        async with catching_up(host, rounds.one_round, EVERY):
            pass
    assert rounds.made == 0
    with pytest.raises(SettingsError, match="kept for the host of inbound-sms alone"):
        await host.catch_ups.until("flights")
    with pytest.raises(SettingsError, match="messages_taken_in"):
        await host.catch_ups.taken_in([])
