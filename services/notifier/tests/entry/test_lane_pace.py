"""When a lane's senders look, wait, send together and stop."""

# ruff: noqa: ASYNC110  waits by looking

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from guichet.channel.outgoing.outcomes import failed, sent
from guichet.channel.outgoing.rate import Rate
from guichet.runtime.telemetry.metrics import SENDS_IN_WORK
from guichet_testing.until import PATIENCE_S, until
from notifier.entry import lane as lanes
from services.notifier.tests.entry.one_lane import ZERO, ObedientSender, S, lane_of, looks_at, owed


async def test_the_accounts_rate_is_kept(world):
    for n in range(3):
        await owed(world, f"case-{n}")
    sender = ObedientSender()
    lane = lane_of(world, sender, rate=Rate(per_second=1))
    assert await lane.step() == ZERO
    assert ZERO < await lane.step() <= timedelta(seconds=1)
    world.now += timedelta(seconds=1)
    assert await lane.step() == ZERO
    assert len(sender.letters) == 2


@pytest.mark.parametrize("held", [3, 6, 11])
async def test_two_notifiers_of_one_account_together_keep_its_rate(world, held):
    world.receipts_a_day = 1000
    for n in range(40):
        await owed(world, f"case-{n}")
    senders, sent_at = (ObedientSender(), ObedientSender()), []
    both = [
        lane_of(world, sender, rate=Rate(per_second=2, burst=2), share=lambda part=part: part)
        for sender, part in zip(senders, (held / 12, 1 - held / 12), strict=True)
    ]
    for _ in range(200):
        for lane in both:
            before = sum(len(each.letters) for each in senders)
            await lane.step()
            sent_at += [world.now] * (sum(len(each.letters) for each in senders) - before)
        world.now += timedelta(milliseconds=100)
    for start in sent_at:
        assert sum(start <= at < start + timedelta(seconds=10) for at in sent_at) <= 2 + 1 + 10 * 2
    assert len(sent_at) >= 36, "and waste little of it"
    assert len({letter.outbound_id for each in senders for letter in each.letters}) == len(sent_at), "none twice"


async def test_a_chat_that_has_had_its_message_waits_without_holding_up_others(world):
    first, second = await owed(world, "case-1"), await owed(world, "case-2")
    sender = ObedientSender()
    lane = lane_of(world, sender, rate=Rate(per_second=30, burst=30, per_recipient=1))
    await lane.step()
    await lane.step()
    assert len(sender.letters) == 1
    world.now += timedelta(seconds=1)
    await lane.step()
    assert {(await world.receipt_of(case)).state for case in (first, second)} == {S.SENT}
    assert sender.asked == []


@pytest.mark.parametrize("letters", [1, 3])
async def test_a_stop_lets_what_is_under_way_end_and_remains_a_stop(world, letters):
    cases = [await owed(world, f"case-{n}") for n in range(letters)]
    began, may_go_on = asyncio.Event(), asyncio.Event()

    class SlowSender(ObedientSender):
        async def try_send(self, letter):
            began.set()
            await may_go_on.wait()
            return await super().try_send(letter)

    running = asyncio.create_task(lane_of(world, SlowSender(), senders=2, at_once=3).run())
    await began.wait()
    running.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert {(await world.receipt_of(case)).state for case in cases} == {S.SENT}
    assert SENDS_IN_WORK.labels("mail")._value.get() == 0


async def test_a_stop_waits_for_a_send_although_other_senders_are_idle(world):
    """Else the process ends in the middle of an attempt, and what left is sent again in doubt."""
    case = await owed(world)
    began, may_go_on = asyncio.Event(), asyncio.Event()

    class SlowSender(ObedientSender):
        async def try_send(self, letter):
            began.set()
            await may_go_on.wait()
            return await super().try_send(letter)

    running = asyncio.create_task(lane_of(world, SlowSender(), senders=4).run())
    await began.wait()
    await asyncio.sleep(0.05)  # the others find nothing, and rest
    running.cancel()
    await asyncio.sleep(0.05)
    assert not running.done()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_woken_lane_does_not_wait_for_its_poll(world, monkeypatch):
    monkeypatch.setattr(lanes, "POLL", timedelta(hours=1))
    sender = ObedientSender()
    lane, looks = lane_of(world, sender, senders=3), looks_at(world)
    running = asyncio.create_task(lane.run())
    await until(lambda: len(looks) == 3)
    await owed(world)
    lane.wake()
    async with asyncio.timeout(PATIENCE_S):
        while not await world.announced():
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert len(sender.letters) == 1


async def test_a_wake_sends_one_sender_to_look_and_not_all_of_them(world, monkeypatch):
    monkeypatch.setattr(lanes, "POLL", timedelta(hours=1))
    lane, looks = lane_of(world, ObedientSender(), senders=4), looks_at(world)
    running = asyncio.create_task(lane.run())
    await until(lambda: len(looks) >= 4)
    await asyncio.sleep(0.05)
    assert len(looks) == 4, "each looks once at its start"
    lane.wake()
    await until(lambda: len(looks) > 4)
    await asyncio.sleep(0.05)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert len(looks) == 5


async def test_a_round_is_written_and_sent_together_and_each_has_its_own_outcome(world):
    cases = [await owed(world, f"case-{n}") for n in range(3)]
    await world.erase(cases[1].opened_by)
    sender = ObedientSender(sent(), failed("mailbox-refused"))
    lane = lane_of(world, sender, at_once=5)
    assert await lane.step() == ZERO
    assert await lane.step() > ZERO
    assert [(await world.receipt_of(case)).state for case in cases] == [S.SENT, S.WITHHELD, S.FAILED]
    assert sorted(told.state for told in await world.announced()) == sorted([S.SENT, S.WITHHELD, S.FAILED])


async def test_a_letter_that_sets_off_a_bug_in_the_writing_holds_up_no_other(world):
    cases = [await owed(world, f"case-{n}") for n in range(3)]
    keep = world.messages.insert_outbound

    async def refuses_one(*documents):
        if any(document.filed == cases[1].case_id for document in documents):
            raise KeyError("bug")
        return await keep(*documents)

    world.messages.insert_outbound = refuses_one
    await lane_of(world, ObedientSender(), at_once=5).step()
    assert [(await world.receipt_of(case)).state for case in cases] == [S.SENT, S.PENDING, S.SENT]


async def test_a_round_takes_no_more_than_the_rate_allows_and_gives_back_what_it_does_not_need(world):
    for n in range(5):
        await owed(world, f"case-{n}")
    sender = ObedientSender()
    lane = lane_of(world, sender, rate=Rate(per_second=1, burst=3), at_once=4)
    assert await lane.step() == ZERO
    assert len(sender.letters) == 3
    assert await lane.step() > ZERO
    world.now += timedelta(seconds=3)
    assert await lane.step() == ZERO
    assert len(sender.letters) == 5
    await owed(world, "one more")
    assert await lane.step() == ZERO, "the third token was not used"
    assert len(sender.letters) == 6


async def test_a_full_round_sends_the_next_sender_to_look(world):
    for n in range(4):
        await owed(world, f"case-{n}")
    lane = lane_of(world, ObedientSender(), senders=2, at_once=2)
    await lane.step()
    async with asyncio.timeout(PATIENCE_S):
        await lane._wanted.get()
