"""One lane with a sender that does as it is told: every outcome, every trouble."""

# ruff: noqa: ASYNC110  waits by looking

import asyncio
from collections import deque
from contextlib import suppress
from datetime import timedelta

import pytest

from guichet.contracts.delivery import DeliveryState
from guichet.errors import PermanentError, ThrottledError, TransientError
from guichet.runtime.telemetry.metrics import ALARM, POSSIBLE_DOUBLES, SENDS_IN_WORK
from guichet_testing.until import PATIENCE_S, until
from notifier.domain.breaker import FAILURES_TO_OPEN, LEFT_ALONE_FOR
from notifier.domain.letter import Concluded, Deferred, Doubtful, Gathered, failed, sent
from notifier.domain.pace import Rate
from notifier.entry import lane as lanes
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from notifier.handlers.attempt_letter import BUGS_BORNE
from notifier.handlers.senders.sender import Sender

S = DeliveryState
ZERO = timedelta(0)
HOLD = timedelta(minutes=2)


class ObedientSender(Sender):
    """Answers with the next of `answers`, then always with success; keeps what it was given."""

    name = "mail"

    def __init__(self, *answers):
        self.answers = deque(answers)
        self.letters = []
        self.asked = []
        self.known = None

    async def try_send(self, letter):
        self.letters.append(letter)
        answer = self.answers.popleft() if self.answers else sent()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def settle(self, letter):
        self.asked.append(letter)
        return self.known


class ForgetfulSender(ObedientSender):
    """An erasure deletes the intent while the provider is being spoken to."""

    def __init__(self, deliveries):
        super().__init__()
        self.deliveries = deliveries

    async def try_send(self, letter):
        self.deliveries._all.clear()
        return await super().try_send(letter)


def lane_of(world, sender, rate=Rate(per_second=1000, burst=1000), settle_after=ZERO, senders=1, at_once=1):
    return Lane(
        Account(sender, rate, world.clock),
        LaneOptions(hold=HOLD, settle_after=settle_after, senders=senders, at_once=at_once),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )


def looks_at(world):
    """Return a list that grows by one whenever a sender has looked for what is due."""
    looks, claim = [], world.deliveries.claim

    async def counted(*asked):
        held = await claim(*asked)
        looks.append(asked)
        return held

    world.deliveries.claim = counted
    return looks


async def broken(held):
    raise KeyError("bug")


async def owed(world, name="case-1"):
    case = await world.citizen_writes(name=name)
    await world.owe_receipts(world.opened(case))
    return case


async def test_a_due_receipt_is_sent_once_and_announced(world):
    case, sender = await owed(world), ObedientSender()
    lane = lane_of(world, sender)
    assert await lane.step() == ZERO
    assert await lane.step() > ZERO
    assert len(sender.letters) == 1
    assert (await world.receipt_of(case)).state is S.SENT
    assert [told.state for told in await world.announced()] == [S.SENT]


async def test_an_attempt_is_told_until_its_outcome_is_recorded(world):
    def in_work():
        return SENDS_IN_WORK.labels("mail")._value.get()

    class Looking(ObedientSender):
        async def try_send(self, letter):
            assert in_work() == 1
            return await super().try_send(letter)

    case, sender = await owed(world), Looking()
    await lane_of(world, sender).step()
    assert (await world.receipt_of(case)).state is S.SENT
    assert in_work() == 0


async def test_a_permanent_refusal_fails_it_with_the_reason(world):
    case, sender = await owed(world), ObedientSender(failed("mailbox-refused"))
    await lane_of(world, sender).step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason) == (S.FAILED, "mailbox-refused")
    assert [told.reason for told in await world.announced()] == ["mailbox-refused"]


async def test_a_deferred_message_waits_longer_each_time(world):
    case, sender = await owed(world), ObedientSender(Deferred("greylisted"), Deferred("greylisted"))
    lane = lane_of(world, sender)
    waits = []
    for _ in range(2):
        await lane.step()
        receipt = await world.receipt_of(case)
        waits.append(receipt.due_at - world.now)
        assert await lane.step() > ZERO
        world.now = receipt.due_at
    assert waits == [timedelta(seconds=5), timedelta(seconds=10)]
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT
    assert sender.asked == []  # nothing reached the citizen, nothing is in doubt


async def test_a_lost_answer_is_settled_by_asking_not_before_its_time(world):
    case, sender = await owed(world), ObedientSender(Doubtful("timed-out"))
    lane, began = lane_of(world, sender, settle_after=timedelta(seconds=60)), world.now
    await lane.step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.due_at) == (S.UNKNOWN, began + timedelta(seconds=60))
    world.now += timedelta(seconds=59)
    assert await lane.step() > ZERO
    world.now += timedelta(seconds=1)
    sender.known = sent("SM7")
    await lane.step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.provider_id) == (S.SENT, "SM7")
    assert (len(sender.letters), len(sender.asked)) == (1, 1)
    assert [told.state for told in await world.announced()] == [S.UNKNOWN, S.SENT]


async def test_what_nobody_knows_of_is_sent_again_and_counted(world):
    case, sender = await owed(world), ObedientSender(Doubtful("timed-out"))
    lane, doubles = lane_of(world, sender), POSSIBLE_DOUBLES.labels("email")._value.get()
    await lane.step()
    world.now = (await world.receipt_of(case)).due_at
    await lane.step()
    assert [letter.outbound_id for letter in sender.letters] == [sender.letters[0].outbound_id] * 2
    assert POSSIBLE_DOUBLES.labels("email")._value.get() == doubles + 1
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_sender_killed_in_mid_attempt_leaves_a_doubt_and_loses_nothing(world):
    case, sender = await owed(world), ObedientSender()
    await world.claimed("mail", HOLD)
    lane = lane_of(world, sender)
    assert await lane.step() > ZERO
    world.now += HOLD
    await lane.step()
    assert len(sender.asked) == 1
    assert (await world.receipt_of(case)).state is S.SENT


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


async def test_an_erased_message_drops_the_intent(world):
    case, sender = await owed(world), ObedientSender()
    await world.erase(case.opened_by)
    await lane_of(world, sender).step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, sender.letters) == (S.WITHHELD, "erased", [])


async def test_a_letter_whose_key_the_vault_never_held_waits_for_the_right_vault(world):
    case, sender = await owed(world), ObedientSender()
    held = dict(world.vault._keys)
    world.vault._keys.clear()
    await lane_of(world, sender).step()
    assert ((await world.receipt_of(case)).state, sender.letters) == (S.PENDING, [])
    world.vault._keys.update(held)
    world.now += timedelta(hours=1)
    await lane_of(world, sender).step()
    assert (await world.receipt_of(case)).state == S.SENT


async def test_an_intent_that_was_open_when_its_case_was_set_aside_is_dropped(world):
    case, sender = await owed(world), ObedientSender()
    await world.cases.mark_erasing([case.case_id])
    await lane_of(world, sender).step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, sender.letters) == (S.WITHHELD, "erased", [])


async def test_an_intent_that_is_deleted_while_it_is_being_sent_does_not_come_back(world):
    case = await owed(world)
    lane = lane_of(world, ForgetfulSender(world.deliveries))
    await lane.step()
    assert await world.deliveries.of_case(case.case_id) == []
    assert await world.announced() == []


async def test_an_address_that_will_never_do_fails(world):
    case, sender = await owed(world), ObedientSender(PermanentError("no", reason="invalid-address"))
    await lane_of(world, sender).step()
    assert (await world.receipt_of(case)).reason == "invalid-address"


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
    assert ALARM.labels("bug", "notifier:mail")._value.get() == 1


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


async def test_an_attempt_without_an_answer_is_doubtful(world, letter_of):
    class SilentSender(ObedientSender):
        patience = timedelta(milliseconds=20)

        async def try_send(self, letter):
            await asyncio.sleep(30)

    assert await SilentSender().send(letter_of()) == Doubtful("timed-out")


@pytest.mark.parametrize("state", [S.SENT, S.DELIVERED, S.FAILED])
async def test_whatever_the_list_says_is_recorded(world, state):
    case, sender = await owed(world), ObedientSender()
    await world.claimed("mail", HOLD)
    world.now += HOLD
    sender.known = Concluded(state, "unreachable" if state is S.FAILED else None, "SM7")
    await lane_of(world, sender).step()
    assert (await world.receipt_of(case)).state is state
    assert sender.letters == []


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


async def test_a_full_round_sends_the_next_sender_to_look(world):
    for n in range(4):
        await owed(world, f"case-{n}")
    lane = lane_of(world, ObedientSender(), senders=2, at_once=2)
    await lane.step()
    async with asyncio.timeout(PATIENCE_S):
        await lane._wanted.get()


async def test_a_round_that_was_not_full_does_not_end_the_pause_of_a_provider_that_went_down_meanwhile(world):
    await owed(world)
    sender = ObedientSender()
    account = Account(sender, Rate(per_second=1000, burst=1000), world.clock)
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


async def test_a_sender_that_slept_past_its_lease_does_not_send_a_second_time(world):
    case, sender, others = await owed(world), ObedientSender(), ObedientSender()

    async def written_late(held):
        letters = await world.writer.write(held)
        world.now += HOLD + timedelta(seconds=1)  # it slept: for a token, for the processor, for a key
        await lane_of(world, others).step()
        return letters

    slow = Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock),
        LaneOptions(hold=HOLD, settle_after=ZERO, senders=1, at_once=1),
        deliveries=world.deliveries,
        write=written_late,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    await slow.step()
    assert len(others.letters) + len(sender.letters) == 1, "the message left twice"
    assert (await world.receipt_of(case)).state is S.SENT
