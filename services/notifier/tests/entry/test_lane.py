"""One lane with a sender that does as it is told: what becomes of each letter."""

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, failed, sent
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import PermanentError
from guichet.runtime.telemetry.metrics import POSSIBLE_DOUBLES, SENDS_IN_WORK
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from services.notifier.tests.entry.one_lane import HOLD, ZERO, ObedientSender, S, lane_of, owed


class ForgetfulSender(ObedientSender):
    """An erasure deletes the intent while the provider is being spoken to."""

    def __init__(self, deliveries):
        super().__init__()
        self.deliveries = deliveries

    async def try_send(self, letter):
        self.deliveries._all.clear()
        return await super().try_send(letter)


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
    sender.known = [sent("SM7")]
    await lane.step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.provider_id) == (S.SENT, "SM7")
    assert (len(sender.letters), len(sender.asked)) == (1, 1)
    assert [told.state for told in await world.announced()] == [S.UNKNOWN, S.SENT]


async def in_doubt(world, name="case-1"):
    """Return a case whose receipt's answer was lost, with its sender and its lane."""
    case, sender = await owed(world, name), ObedientSender(Doubtful("timed-out"))
    lane = lane_of(world, sender)
    await lane.step()
    world.now = (await world.receipt_of(case)).due_at
    return case, sender, lane


async def test_a_message_of_another_delivery_is_not_taken_for_ours(world):
    """Two of the same words went to one number; a callback, or an answer, has told whose one of them is."""
    other = await owed(world, "other")
    await lane_of(world, ObedientSender(sent("SM1"))).step()
    case, sender, lane = await in_doubt(world)
    sender.known = [sent("SM1")]
    await lane.step()
    assert len(sender.letters) == 2, "the message of another delivery settled this one"
    again, sender, lane = await in_doubt(world, "again")
    sender.known = [sent("SM1"), Concluded(S.DELIVERED, provider_id="SM2"), sent("SM3")]
    await lane.step()
    receipt = await world.receipt_of(again)
    assert (receipt.state, receipt.provider_id, len(sender.letters)) == (S.DELIVERED, "SM2", 1)
    assert {(await world.receipt_of(each)).state for each in (other, case)} == {S.SENT}


async def test_a_message_that_a_callback_told_of_meanwhile_is_not_sent_again(world):
    """Found by make faults: claimed, then reported as delivered, its own id counted as another's."""
    case, sender, lane = await in_doubt(world)
    receipt = await world.receipt_of(case)
    world.deliveries._all[receipt.outbound_id] = receipt.model_copy(update={"provider_id": "SM7"})
    sender.known = [sent("SM7")]
    await lane.step()
    assert ((await world.receipt_of(case)).provider_id, len(sender.letters)) == ("SM7", 1)


async def test_an_address_that_no_mail_can_carry_fails_and_the_relay_is_not_asked(world):
    case = await world.citizen_writes()
    unreal = InboundContent(sender=(Identifier(kind="email", value="personne"),), text="Bonjour")
    await world.receive(case.opened_by, case.channel, case.account, unreal, case.case_id)
    await world.owe_receipts(world.opened(case))
    sender = ObedientSender()
    await lane_of(world, sender).step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, sender.letters) == (S.FAILED, "invalid-address", [])
    assert receipt.outbound_id in world.messages.messages, "agents do not see what would have been said"


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
    sender.known = [Concluded(state, "unreachable" if state is S.FAILED else None, "SM7")]
    await lane_of(world, sender).step()
    assert (await world.receipt_of(case)).state is state
    assert sender.letters == []


async def test_a_sender_that_slept_past_its_lease_does_not_send_a_second_time(world):
    case, sender, others = await owed(world), ObedientSender(), ObedientSender()

    async def written_late(held):
        letters = await world.writer.write(held)
        world.now += HOLD + timedelta(seconds=1)  # it slept: for a token, for the processor, for a key
        await lane_of(world, others).step()
        return letters

    slow = Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=HOLD, settle_after=ZERO, senders=1, at_once=1),
        deliveries=world.deliveries,
        write=written_late,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    await slow.step()
    assert len(others.letters) + len(sender.letters) == 1, "the message left twice"
    assert (await world.receipt_of(case)).state is S.SENT
