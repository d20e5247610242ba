"""One lane whose provider, store, broker, vault or own code is in trouble: nothing is lost, nobody is flooded."""

# ruff: noqa: ASYNC110  waits by looking

import asyncio
from contextlib import suppress
from datetime import timedelta

from guichet.channel.outgoing.outcomes import Doubtful
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.errors import ThrottledError, TransientError
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.until import PATIENCE_S
from notifier.domain.breaker import FAILURES_TO_OPEN, LEFT_ALONE_FOR
from notifier.domain.outcomes import Gathered
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from notifier.handlers.attempt_letter import BUGS_BORNE
from services.notifier.tests.entry.one_lane import HOLD, ZERO, ObedientSender, S, broken, lane_of, owed


async def test_a_provider_in_trouble_is_left_alone_and_the_alarm_stands_until_it_is_back(world):
    cases = [await owed(world, f"case-{n}") for n in range(FAILURES_TO_OPEN + 2)]
    sender = ObedientSender(*[TransientError("relay away")] * FAILURES_TO_OPEN)
    lane = lane_of(world, sender)
    for _ in range(FAILURES_TO_OPEN):
        await lane.step()
    assert await lane.step() > ZERO
    assert len(sender.letters) == FAILURES_TO_OPEN
    assert ALARM.labels("provider-down", "mail")._value.get() == 1
    world.now += LEFT_ALONE_FOR
    await lane.step()
    assert ALARM.labels("provider-down", "mail")._value.get() == 0
    world.now += timedelta(minutes=20)
    while await lane.step() == ZERO:
        pass
    assert {(await world.receipt_of(case)).state for case in cases} == {S.SENT}


async def test_retry_after_holds_the_whole_lane(world):
    await owed(world, "case-1")
    await owed(world, "case-2")
    sender = ObedientSender(ThrottledError("slow down", retry_after=timedelta(seconds=7)))
    lane = lane_of(world, sender)
    await lane.step()
    assert await lane.step() == timedelta(seconds=7)
    world.now += timedelta(seconds=7)
    assert await lane.step() == ZERO
    assert await lane.step() == ZERO
    assert len(sender.letters) == 3


async def test_a_bug_is_borne_a_few_times_then_gives_up_with_an_alarm(world):
    case, sender = await owed(world), ObedientSender()
    lane = lane_of(world, sender)
    lane._write = broken
    for _ in range(BUGS_BORNE):
        await lane.step()
        world.now = (await world.receipt_of(case)).due_at
    assert (await world.receipt_of(case)).reason == "internal-error"
    assert (await world.receipt_of(case)).state is S.FAILED
    assert sender.letters == []
    assert ALARM.labels("send-bug", "mail")._value.get() == 1


async def test_a_bug_before_anything_left_waits_for_its_mending_and_is_no_doubt(world):
    case, sender = await owed(world), ObedientSender(*[UnsentBugError("KeyError")] * (BUGS_BORNE + 1))
    lane = lane_of(world, sender)
    for _ in range(BUGS_BORNE + 1):
        await lane.step()
        receipt = await world.receipt_of(case)
        assert (receipt.state, receipt.copies, receipt.unsettled_since) == (S.PENDING, 0, None)
        world.now = receipt.due_at
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_bug_of_the_lane_itself_is_an_alarm_and_the_lane_goes_on(world):
    await owed(world)
    sender = ObedientSender()
    lane = lane_of(world, sender)
    claim, tried = world.deliveries.claim, []

    async def broken_at_first(*asked):
        tried.append(asked)
        if len(tried) == 1:
            raise OverflowError("date value out of range")
        return await claim(*asked)

    world.deliveries.claim = broken_at_first
    running = asyncio.create_task(lane.run())
    async with asyncio.timeout(PATIENCE_S):
        while not sender.letters and not running.done():
            await asyncio.sleep(0.02)
    assert not running.done(), "the notifier would end, and every lane with it"
    assert ALARM.labels("bug", "notifier:mail")._value.get() == 1
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_bug_behind_the_send_is_a_doubt_and_leaves_no_more_copies_than_one(world):
    case, sender = await owed(world), ObedientSender(*[KeyError("bug")] * 9)
    lane = lane_of(world, sender)
    for _ in range(9):
        await lane.step()
        world.now += timedelta(hours=1)
    assert len(sender.letters) == 1 + sender.repeats
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.undecided_since is None) == (S.UNKNOWN, False)


async def test_waiting_of_our_own_uses_up_none_of_the_bugs_that_are_borne(world):
    case, sender = await owed(world), ObedientSender()
    lane = lane_of(world, sender)
    world.vault.away = True
    for _ in range(BUGS_BORNE + 1):
        await lane.step()
        world.now = (await world.receipt_of(case)).due_at
    world.vault.away = False
    lane._write = broken
    await lane.step()
    assert (await world.receipt_of(case)).state is S.PENDING, "one bug after our own waiting gave it up"


async def test_the_vault_away_is_no_failure_of_the_provider(world):
    case, sender = await owed(world), ObedientSender()
    lane = lane_of(world, sender)
    world.vault.away = True
    for _ in range(FAILURES_TO_OPEN + 1):
        await lane.step()
        world.now = (await world.receipt_of(case)).due_at
    world.vault.away = False
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT


async def test_an_outcome_waits_for_a_store_that_is_away(world):
    case, sender = await owed(world), ObedientSender()
    lane = lane_of(world, sender)
    conclude, tries = world.deliveries.conclude, []

    async def away_at_first(*what):
        tries.append(what)
        if len(tries) == 1:
            raise TransientError("away")
        return await conclude(*what)

    world.deliveries.conclude = away_at_first
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT
    assert len(sender.letters) == 1


async def test_a_broker_away_leaves_the_announcement_to_the_sweep(world):
    case, sender = await owed(world), ObedientSender()
    world.publisher.away = True
    await lane_of(world, sender).step()
    await world.announcer.announce_gathered()
    assert (await world.receipt_of(case)).state is S.SENT
    world.publisher.away = False
    world.now += timedelta(seconds=6)
    await world.announcer.sweep()
    await world.announcer.sweep()
    assert [told.state for told in await world.announced()] == [S.SENT]


async def test_a_store_away_does_not_end_the_lane(world):
    case, sender = await owed(world), ObedientSender()
    world.deliveries.away = True
    running = asyncio.create_task(lane_of(world, sender).run())
    await asyncio.sleep(0.05)
    assert not running.done()
    world.deliveries.away = False
    async with asyncio.timeout(PATIENCE_S):
        while (await world.receipt_of(case)).state is not S.SENT:
            await asyncio.sleep(0.05)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_provider_that_is_tried_again_gets_one_letter_and_not_a_round(world):
    for n in range(FAILURES_TO_OPEN + 3):
        await owed(world, f"case-{n}")
    sender = ObedientSender(*[TransientError("relay away")] * FAILURES_TO_OPEN)
    await lane_of(world, sender, at_once=FAILURES_TO_OPEN).step()
    lane = lane_of(world, sender, at_once=FAILURES_TO_OPEN)
    sender.answers.extend([TransientError("relay away")] * (FAILURES_TO_OPEN + 1))
    sender.letters.clear()
    world.now += timedelta(minutes=20)
    await lane.step()
    assert len(sender.letters) == FAILURES_TO_OPEN
    world.now += LEFT_ALONE_FOR
    await lane.step()
    assert len(sender.letters) == FAILURES_TO_OPEN + 1


async def test_a_letter_that_is_left_to_an_agent_is_no_attempt_at_a_provider_that_is_left_alone(world):
    """An outage leaves as many of them as answers were lost, and each kept all others waiting for half a minute."""
    lost = [await owed(world, f"case-{n}") for n in range(FAILURES_TO_OPEN)]
    sender = ObedientSender(*[Doubtful("connection-lost")] * FAILURES_TO_OPEN)
    sender.repeats = 0
    lane = lane_of(world, sender)
    for _ in lost:
        await lane.step()
    world.now += LEFT_ALONE_FOR
    await lane.step()
    assert [each for each in lost if (await world.receipt_of(each)).undecided_since]
    case = await owed(world, "case-next")
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_round_that_was_not_full_does_not_end_the_pause_of_a_provider_that_went_down_meanwhile(world):
    await owed(world)
    sender = ObedientSender()
    account = Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken)
    lane = Lane(
        account,
        LaneOptions(hold=HOLD, settle_after=ZERO, senders=1, at_once=4),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    claim = world.deliveries.claim

    async def meanwhile(*asked):
        for _ in range(FAILURES_TO_OPEN):
            account._note_failure()
        sender.answers.append(TransientError("relay away"))
        return await claim(*asked)

    world.deliveries.claim = meanwhile
    await lane.step()
    world.deliveries.claim = claim
    assert await lane.step() > timedelta(seconds=29)
    account._note_success()


async def test_what_is_gathered_lets_nobody_through_to_a_provider_that_is_left_alone(world):
    """Another sender of the lane met the fifth failure while this one's letters were being written."""
    case = await world.citizen_writes()
    await world.owe_receipts(world.opened(case))
    sender = ObedientSender(*[TransientError("away")] * FAILURES_TO_OPEN)
    lane, letter = lane_of(world, sender), await world.write(await world.receipt_of(case))

    async def begins():
        return True

    async def write(held):
        for _ in range(FAILURES_TO_OPEN):
            with suppress(TransientError):
                await lane._account.attempt(letter, await world.receipt_of(case), begins)
        return [Gathered(world.now)] * len(held)

    lane._write = write
    await lane.step()
    assert lane._account.wait() == LEFT_ALONE_FOR, "the next attempt goes to a provider that is to be left alone"
