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
from notifier.domain.outcomes import Concluded, Deferred, Doubtful, Gathered, failed, sent
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


def lane_of(office, sender, rate=Rate(per_second=1000, burst=1000), settle_after=ZERO, senders=1, at_once=1):
    return Lane(
        Account(sender, rate, office.clock),
        LaneOptions(hold=HOLD, settle_after=settle_after, senders=senders, at_once=at_once),
        deliveries=office.deliveries,
        write=office.writer.write,
        announce=office.announcer.announce_soon,
        clock=office.clock,
    )


def looks_at(office):
    """Return a list that grows by one whenever a sender has looked for what is due."""
    looks, claim = [], office.deliveries.claim

    async def counted(*asked):
        held = await claim(*asked)
        looks.append(asked)
        return held

    office.deliveries.claim = counted
    return looks


async def broken(held):
    raise KeyError("bug")


async def owed(office, name="case-1"):
    case = await office.citizen_writes(name=name)
    await office.owe_receipts(office.opened(case))
    return case


async def test_a_due_receipt_is_sent_once_and_announced(office):
    case, sender = await owed(office), ObedientSender()
    lane = lane_of(office, sender)
    assert await lane.step() == ZERO
    assert await lane.step() > ZERO
    assert len(sender.letters) == 1
    assert (await office.receipt_of(case)).state is S.SENT
    assert [told.state for told in await office.announced()] == [S.SENT]


async def test_an_attempt_is_told_until_its_outcome_is_recorded(office):
    def in_work():
        return SENDS_IN_WORK.labels("mail")._value.get()

    class Looking(ObedientSender):
        async def try_send(self, letter):
            assert in_work() == 1
            return await super().try_send(letter)

    case, sender = await owed(office), Looking()
    await lane_of(office, sender).step()
    assert (await office.receipt_of(case)).state is S.SENT
    assert in_work() == 0


async def test_a_permanent_refusal_fails_it_with_the_reason(office):
    case, sender = await owed(office), ObedientSender(failed("mailbox-refused"))
    await lane_of(office, sender).step()
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.reason) == (S.FAILED, "mailbox-refused")
    assert [told.reason for told in await office.announced()] == ["mailbox-refused"]


async def test_a_deferred_message_waits_longer_each_time(office):
    case, sender = await owed(office), ObedientSender(Deferred("greylisted"), Deferred("greylisted"))
    lane = lane_of(office, sender)
    waits = []
    for _ in range(2):
        await lane.step()
        receipt = await office.receipt_of(case)
        waits.append(receipt.due_at - office.now)
        assert await lane.step() > ZERO
        office.now = receipt.due_at
    assert waits == [timedelta(seconds=5), timedelta(seconds=10)]
    await lane.step()
    assert (await office.receipt_of(case)).state is S.SENT
    assert sender.asked == []  # nothing reached the citizen, nothing is in doubt


async def test_a_lost_answer_is_settled_by_asking_not_before_its_time(office):
    case, sender = await owed(office), ObedientSender(Doubtful("timed-out"))
    lane, began = lane_of(office, sender, settle_after=timedelta(seconds=60)), office.now
    await lane.step()
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.due_at) == (S.UNKNOWN, began + timedelta(seconds=60))
    office.now += timedelta(seconds=59)
    assert await lane.step() > ZERO
    office.now += timedelta(seconds=1)
    sender.known = sent("SM7")
    await lane.step()
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.provider_id) == (S.SENT, "SM7")
    assert (len(sender.letters), len(sender.asked)) == (1, 1)
    assert [told.state for told in await office.announced()] == [S.UNKNOWN, S.SENT]


async def test_what_nobody_knows_of_is_sent_again_and_counted(office):
    case, sender = await owed(office), ObedientSender(Doubtful("timed-out"))
    lane, doubles = lane_of(office, sender), POSSIBLE_DOUBLES.labels("email")._value.get()
    await lane.step()
    office.now = (await office.receipt_of(case)).due_at
    await lane.step()
    assert [letter.outbound_id for letter in sender.letters] == [sender.letters[0].outbound_id] * 2
    assert POSSIBLE_DOUBLES.labels("email")._value.get() == doubles + 1
    assert (await office.receipt_of(case)).state is S.SENT


async def test_a_sender_killed_in_mid_attempt_leaves_a_doubt_and_loses_nothing(office):
    case, sender = await owed(office), ObedientSender()
    await office.claimed("mail", HOLD)
    lane = lane_of(office, sender)
    assert await lane.step() > ZERO
    office.now += HOLD
    await lane.step()
    assert len(sender.asked) == 1
    assert (await office.receipt_of(case)).state is S.SENT


async def test_a_provider_in_trouble_is_left_alone_and_the_alarm_stands_until_it_is_back(office):
    cases = [await owed(office, f"case-{n}") for n in range(FAILURES_TO_OPEN + 2)]
    sender = ObedientSender(*[TransientError("relay away")] * FAILURES_TO_OPEN)
    lane = lane_of(office, sender)
    for _ in range(FAILURES_TO_OPEN):
        await lane.step()
    assert await lane.step() > ZERO
    assert len(sender.letters) == FAILURES_TO_OPEN
    assert ALARM.labels("provider-down", "mail")._value.get() == 1
    office.now += LEFT_ALONE_FOR
    await lane.step()
    assert ALARM.labels("provider-down", "mail")._value.get() == 0
    office.now += timedelta(minutes=20)
    while await lane.step() == ZERO:
        pass
    assert {(await office.receipt_of(case)).state for case in cases} == {S.SENT}


async def test_retry_after_holds_the_whole_lane(office):
    await owed(office, "case-1")
    await owed(office, "case-2")
    sender = ObedientSender(ThrottledError("slow down", retry_after=timedelta(seconds=7)))
    lane = lane_of(office, sender)
    await lane.step()
    assert await lane.step() == timedelta(seconds=7)
    office.now += timedelta(seconds=7)
    assert await lane.step() == ZERO
    assert await lane.step() == ZERO
    assert len(sender.letters) == 3


async def test_the_accounts_rate_is_kept(office):
    for n in range(3):
        await owed(office, f"case-{n}")
    sender = ObedientSender()
    lane = lane_of(office, sender, rate=Rate(per_second=1))
    assert await lane.step() == ZERO
    assert ZERO < await lane.step() <= timedelta(seconds=1)
    office.now += timedelta(seconds=1)
    assert await lane.step() == ZERO
    assert len(sender.letters) == 2


async def test_a_chat_that_has_had_its_message_waits_without_holding_up_others(office):
    first, second = await owed(office, "case-1"), await owed(office, "case-2")
    sender = ObedientSender()
    lane = lane_of(office, sender, rate=Rate(per_second=30, burst=30, per_recipient=1))
    await lane.step()
    await lane.step()
    assert len(sender.letters) == 1
    office.now += timedelta(seconds=1)
    await lane.step()
    assert {(await office.receipt_of(case)).state for case in (first, second)} == {S.SENT}
    assert sender.asked == []


async def test_an_erased_message_drops_the_intent(office):
    case, sender = await owed(office), ObedientSender()
    await office.erase(case.opened_by)
    await lane_of(office, sender).step()
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.reason, sender.letters) == (S.WITHHELD, "erased", [])


async def test_a_letter_whose_key_the_vault_never_held_waits_for_the_right_vault(office):
    case, sender = await owed(office), ObedientSender()
    held = dict(office.vault._keys)
    office.vault._keys.clear()
    await lane_of(office, sender).step()
    assert ((await office.receipt_of(case)).state, sender.letters) == (S.PENDING, [])
    office.vault._keys.update(held)
    office.now += timedelta(hours=1)
    await lane_of(office, sender).step()
    assert (await office.receipt_of(case)).state == S.SENT


async def test_an_intent_that_was_open_when_its_case_was_set_aside_is_dropped(office):
    case, sender = await owed(office), ObedientSender()
    await office.cases.mark_erasing([case.case_id])
    await lane_of(office, sender).step()
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.reason, sender.letters) == (S.WITHHELD, "erased", [])


async def test_an_intent_that_is_deleted_while_it_is_being_sent_does_not_come_back(office):
    case = await owed(office)
    lane = lane_of(office, ForgetfulSender(office.deliveries))
    await lane.step()
    assert await office.deliveries.of_case(case.case_id) == []
    assert await office.announced() == []


async def test_an_address_that_will_never_do_fails(office):
    case, sender = await owed(office), ObedientSender(PermanentError("no", reason="invalid-address"))
    await lane_of(office, sender).step()
    assert (await office.receipt_of(case)).reason == "invalid-address"


async def test_a_bug_is_borne_a_few_times_then_gives_up_with_an_alarm(office):
    case, sender = await owed(office), ObedientSender()
    lane = lane_of(office, sender)
    lane._write = broken
    for _ in range(BUGS_BORNE):
        await lane.step()
        office.now = (await office.receipt_of(case)).due_at
    assert (await office.receipt_of(case)).reason == "internal-error"
    assert (await office.receipt_of(case)).state is S.FAILED
    assert sender.letters == []
    assert ALARM.labels("bug", "notifier:mail")._value.get() == 1


async def test_a_bug_behind_the_send_is_a_doubt_and_leaves_no_more_copies_than_one(office):
    case, sender = await owed(office), ObedientSender(*[KeyError("bug")] * 9)
    lane = lane_of(office, sender)
    for _ in range(9):
        await lane.step()
        office.now += timedelta(hours=1)
    assert len(sender.letters) == 1 + sender.repeats
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.undecided_since is None) == (S.UNKNOWN, False)


async def test_waiting_of_our_own_uses_up_none_of_the_bugs_that_are_borne(office):
    case, sender = await owed(office), ObedientSender()
    lane = lane_of(office, sender)
    office.vault.away = True
    for _ in range(BUGS_BORNE + 1):
        await lane.step()
        office.now = (await office.receipt_of(case)).due_at
    office.vault.away = False
    lane._write = broken
    await lane.step()
    assert (await office.receipt_of(case)).state is S.PENDING, "one bug after our own waiting gave it up"


async def test_the_vault_away_is_no_failure_of_the_provider(office):
    case, sender = await owed(office), ObedientSender()
    lane = lane_of(office, sender)
    office.vault.away = True
    for _ in range(FAILURES_TO_OPEN + 1):
        await lane.step()
        office.now = (await office.receipt_of(case)).due_at
    office.vault.away = False
    await lane.step()
    assert (await office.receipt_of(case)).state is S.SENT


async def test_an_outcome_waits_for_a_store_that_is_away(office):
    case, sender = await owed(office), ObedientSender()
    lane = lane_of(office, sender)
    conclude, tries = office.deliveries.conclude, []

    async def away_at_first(*what):
        tries.append(what)
        if len(tries) == 1:
            raise TransientError("away")
        return await conclude(*what)

    office.deliveries.conclude = away_at_first
    await lane.step()
    assert (await office.receipt_of(case)).state is S.SENT
    assert len(sender.letters) == 1


async def test_a_broker_away_leaves_the_announcement_to_the_sweep(office):
    case, sender = await owed(office), ObedientSender()
    office.publisher.away = True
    await lane_of(office, sender).step()
    await office.announcer.announce_gathered()
    assert (await office.receipt_of(case)).state is S.SENT
    office.publisher.away = False
    office.now += timedelta(seconds=6)
    await office.announcer.sweep()
    await office.announcer.sweep()
    assert [told.state for told in await office.announced()] == [S.SENT]


@pytest.mark.parametrize("letters", [1, 3])
async def test_a_stop_lets_what_is_under_way_end_and_remains_a_stop(office, letters):
    cases = [await owed(office, f"case-{n}") for n in range(letters)]
    began, may_go_on = asyncio.Event(), asyncio.Event()

    class SlowSender(ObedientSender):
        async def try_send(self, letter):
            began.set()
            await may_go_on.wait()
            return await super().try_send(letter)

    running = asyncio.create_task(lane_of(office, SlowSender(), senders=2, at_once=3).run())
    await began.wait()
    running.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert {(await office.receipt_of(case)).state for case in cases} == {S.SENT}
    assert SENDS_IN_WORK.labels("mail")._value.get() == 0


async def test_a_stop_waits_for_a_send_although_other_senders_are_idle(office):
    """Else the process ends in the middle of an attempt, and what left is sent again in doubt."""
    case = await owed(office)
    began, may_go_on = asyncio.Event(), asyncio.Event()

    class SlowSender(ObedientSender):
        async def try_send(self, letter):
            began.set()
            await may_go_on.wait()
            return await super().try_send(letter)

    running = asyncio.create_task(lane_of(office, SlowSender(), senders=4).run())
    await began.wait()
    await asyncio.sleep(0.05)  # the others find nothing, and rest
    running.cancel()
    await asyncio.sleep(0.05)
    assert not running.done()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await office.receipt_of(case)).state is S.SENT


async def test_a_woken_lane_does_not_wait_for_its_poll(office, monkeypatch):
    monkeypatch.setattr(lanes, "POLL", timedelta(hours=1))
    sender = ObedientSender()
    lane, looks = lane_of(office, sender, senders=3), looks_at(office)
    running = asyncio.create_task(lane.run())
    await until(lambda: len(looks) == 3)
    await owed(office)
    lane.wake()
    async with asyncio.timeout(PATIENCE_S):
        while not await office.announced():
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert len(sender.letters) == 1


async def test_a_wake_sends_one_sender_to_look_and_not_all_of_them(office, monkeypatch):
    monkeypatch.setattr(lanes, "POLL", timedelta(hours=1))
    lane, looks = lane_of(office, ObedientSender(), senders=4), looks_at(office)
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


async def test_a_store_away_does_not_end_the_lane(office):
    case, sender = await owed(office), ObedientSender()
    office.deliveries.away = True
    running = asyncio.create_task(lane_of(office, sender).run())
    await asyncio.sleep(0.05)
    assert not running.done()
    office.deliveries.away = False
    async with asyncio.timeout(PATIENCE_S):
        while (await office.receipt_of(case)).state is not S.SENT:
            await asyncio.sleep(0.05)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_an_attempt_without_an_answer_is_doubtful(office, letter_of):
    class SilentSender(ObedientSender):
        patience = timedelta(milliseconds=20)

        async def try_send(self, letter):
            await asyncio.sleep(30)

    assert await SilentSender().send(letter_of()) == Doubtful("timed-out")


@pytest.mark.parametrize("state", [S.SENT, S.DELIVERED, S.FAILED])
async def test_whatever_the_list_says_is_recorded(office, state):
    case, sender = await owed(office), ObedientSender()
    await office.claimed("mail", HOLD)
    office.now += HOLD
    sender.known = Concluded(state, "unreachable" if state is S.FAILED else None, "SM7")
    await lane_of(office, sender).step()
    assert (await office.receipt_of(case)).state is state
    assert sender.letters == []


async def test_a_round_is_written_and_sent_together_and_each_has_its_own_outcome(office):
    cases = [await owed(office, f"case-{n}") for n in range(3)]
    await office.erase(cases[1].opened_by)
    sender = ObedientSender(sent(), failed("mailbox-refused"))
    lane = lane_of(office, sender, at_once=5)
    assert await lane.step() == ZERO
    assert await lane.step() > ZERO
    assert [(await office.receipt_of(case)).state for case in cases] == [S.SENT, S.WITHHELD, S.FAILED]
    assert sorted(told.state for told in await office.announced()) == sorted([S.SENT, S.WITHHELD, S.FAILED])


async def test_a_letter_that_sets_off_a_bug_in_the_writing_holds_up_no_other(office):
    cases = [await owed(office, f"case-{n}") for n in range(3)]
    keep = office.messages.insert_outbound

    async def refuses_one(*documents):
        if any(document.filed == cases[1].case_id for document in documents):
            raise KeyError("bug")
        return await keep(*documents)

    office.messages.insert_outbound = refuses_one
    await lane_of(office, ObedientSender(), at_once=5).step()
    assert [(await office.receipt_of(case)).state for case in cases] == [S.SENT, S.PENDING, S.SENT]


async def test_a_round_takes_no_more_than_the_rate_allows_and_gives_back_what_it_does_not_need(office):
    for n in range(5):
        await owed(office, f"case-{n}")
    sender = ObedientSender()
    lane = lane_of(office, sender, rate=Rate(per_second=1, burst=3), at_once=4)
    assert await lane.step() == ZERO
    assert len(sender.letters) == 3
    assert await lane.step() > ZERO
    office.now += timedelta(seconds=3)
    assert await lane.step() == ZERO
    assert len(sender.letters) == 5
    await owed(office, "one more")
    assert await lane.step() == ZERO, "the third token was not used"
    assert len(sender.letters) == 6


async def test_a_provider_that_is_tried_again_gets_one_letter_and_not_a_round(office):
    for n in range(FAILURES_TO_OPEN + 3):
        await owed(office, f"case-{n}")
    sender = ObedientSender(*[TransientError("relay away")] * FAILURES_TO_OPEN)
    await lane_of(office, sender, at_once=FAILURES_TO_OPEN).step()
    lane = lane_of(office, sender, at_once=FAILURES_TO_OPEN)
    sender.answers.extend([TransientError("relay away")] * (FAILURES_TO_OPEN + 1))
    sender.letters.clear()
    office.now += timedelta(minutes=20)
    await lane.step()
    assert len(sender.letters) == FAILURES_TO_OPEN
    office.now += LEFT_ALONE_FOR
    await lane.step()
    assert len(sender.letters) == FAILURES_TO_OPEN + 1


async def test_a_full_round_sends_the_next_sender_to_look(office):
    for n in range(4):
        await owed(office, f"case-{n}")
    lane = lane_of(office, ObedientSender(), senders=2, at_once=2)
    await lane.step()
    async with asyncio.timeout(PATIENCE_S):
        await lane._wanted.get()


async def test_a_round_that_was_not_full_does_not_end_the_pause_of_a_provider_that_went_down_meanwhile(office):
    await owed(office)
    sender = ObedientSender()
    account = Account(sender, Rate(per_second=1000, burst=1000), office.clock)
    lane = Lane(
        account,
        LaneOptions(hold=HOLD, settle_after=ZERO, senders=1, at_once=4),
        deliveries=office.deliveries,
        write=office.writer.write,
        announce=office.announcer.announce_soon,
        clock=office.clock,
    )
    claim = office.deliveries.claim

    async def meanwhile(*asked):
        for _ in range(FAILURES_TO_OPEN):
            account._note_failure()
        sender.answers.append(TransientError("relay away"))
        return await claim(*asked)

    office.deliveries.claim = meanwhile
    await lane.step()
    office.deliveries.claim = claim
    assert await lane.step() > timedelta(seconds=29)
    account._note_success()


async def test_what_is_gathered_lets_nobody_through_to_a_provider_that_is_left_alone(office):
    """Another sender of the lane met the fifth failure while this one's letters were being written."""
    case = await office.citizen_writes()
    await office.owe_receipts(office.opened(case))
    sender = ObedientSender(*[TransientError("away")] * FAILURES_TO_OPEN)
    lane, letter = lane_of(office, sender), await office.write(await office.receipt_of(case))

    async def begins():
        return True

    async def write(held):
        for _ in range(FAILURES_TO_OPEN):
            with suppress(TransientError):
                await lane._account.attempt(letter, await office.receipt_of(case), begins)
        return [Gathered(office.now)] * len(held)

    lane._write = write
    await lane.step()
    assert lane._account.wait() == LEFT_ALONE_FOR, "the next attempt goes to a provider that is to be left alone"


async def test_a_sender_that_slept_past_its_lease_does_not_send_a_second_time(office):
    case, sender, others = await owed(office), ObedientSender(), ObedientSender()

    async def written_late(held):
        letters = await office.writer.write(held)
        office.now += HOLD + timedelta(seconds=1)  # it slept: for a token, for the processor, for a key
        await lane_of(office, others).step()
        return letters

    slow = Lane(
        Account(sender, Rate(per_second=1000, burst=1000), office.clock),
        LaneOptions(hold=HOLD, settle_after=ZERO, senders=1, at_once=1),
        deliveries=office.deliveries,
        write=written_late,
        announce=office.announcer.announce_soon,
        clock=office.clock,
    )
    await slow.step()
    assert len(others.letters) + len(sender.letters) == 1, "the message left twice"
    assert (await office.receipt_of(case)).state is S.SENT
