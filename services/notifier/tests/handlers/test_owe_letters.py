"""Events in; intents, announcements and nothing else out. Each act done twice changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.case_events import CaseEvent, DeliverySettled
from guichet.contracts.delivery import DeliveryState, Purpose, Settlement
from guichet.contracts.inbound import Automatic
from guichet.errors import ErasedError, TransientError
from guichet.ids import MessageId

S = DeliveryState
ZERO = timedelta(0)
BATCH = [("sms", "gone"), ("email", "machine"), ("sms", "by-phone"), ("email", "by-mail")]


async def test_a_new_case_is_owed_one_receipt_however_often_its_opening_is_told(world):
    case = await world.citizen_writes()
    for _ in range(3):
        await world.owe_receipts(world.opened(case))
    [owed] = await world.deliveries.of_case(case.case_id)
    assert (owed.purpose, owed.state, owed.lane) == (Purpose.AEE, S.PENDING, "mail")
    assert await world.announced() == []
    assert world.woken[0] == "mail"


async def test_a_batch_of_new_cases_is_owed_for_together_without_the_erased_and_the_machines(world):
    cases = [await world.citizen_writes(channel, name) for channel, name in BATCH]
    await world.cases.mark_erasing([cases[0].case_id])
    machine = world.opened(cases[1], automatic=Automatic.AUTO_SUBMITTED)
    openings = [world.opened(cases[0]), machine, machine, *map(world.opened, cases[2:])]
    for _ in range(2):
        await world.owe_receipts(*openings)
    assert await world.deliveries.of_case(cases[0].case_id) == []
    assert [(await world.receipt_of(case)).state for case in cases[1:]] == [S.WITHHELD, S.PENDING, S.PENDING]
    assert [told.case_id for told in await world.announced()] == [cases[1].case_id]
    assert world.woken == ["mail", "twilio"], "each lane once a batch, and for nothing that was known"


async def test_the_receipt_is_overdue_after_the_next_working_day_in_paris(world):
    case = await world.citizen_writes()  # 1 May 1:30 in Paris, a holiday and a Friday
    await world.owe_receipts(world.opened(case))
    assert (await world.receipt_of(case)).overdue_at == datetime(2026, 5, 4, 22, 0, tzinfo=UTC)


async def test_what_an_outage_of_ours_held_up_is_due_by_the_day_it_was_received_and_leaves_at_once(world):
    case = await world.citizen_writes()
    received_at = case.received_at - timedelta(days=14)
    case = world.cases.cases[case.case_id] = case.model_copy(update={"received_at": received_at})
    opened = world.opened(case)
    await world.owe_receipts(opened)
    receipt = await world.receipt_of(case)
    assert receipt.overdue_at == datetime(2026, 4, 20, 22, 0, tzinfo=UTC)  # received on Friday 17 April in Paris
    assert receipt.due_at == opened.occurred_at
    letter = await world.write(await world.claimed("mail", ZERO))
    assert "17 avril 2026" in letter.text


async def test_r8_a_receipt_that_was_sent_is_not_owed_again_by_a_replay(world):
    """docs/law.md 8."""
    case = await world.citizen_writes()
    await world.owe_receipts(world.opened(case))
    held = await world.claimed("mail", ZERO)
    await world.deliveries.conclude(held, S.SENT, world.now, None, None)
    await world.owe_receipts(world.opened(case))
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_machine_gets_none_and_the_router_is_told_why_once(world):
    case = await world.citizen_writes()
    opened = world.opened(case, automatic=Automatic.AUTO_SUBMITTED)
    await world.owe_receipts(opened)
    await world.owe_receipts(opened)
    [told] = await world.announced()
    assert (told.state, told.reason, told.case_id) == (S.WITHHELD, "auto-submitted", case.case_id)
    assert world.woken == []


async def test_what_could_not_be_announced_is_announced_by_the_sweep_once(world):
    case = await world.citizen_writes()
    opened = world.opened(case, automatic=Automatic.MAILING_LIST)
    await world.owe_receipts(opened)
    world.publisher.away = True
    await world.announcer.announce_gathered()
    world.publisher.away = False
    await world.owe_receipts(opened)
    world.now += timedelta(seconds=6)
    for _ in range(2):
        await world.announcer.sweep()
    assert [told.state for told in await world.announced()] == [S.WITHHELD]


async def test_an_agents_answer_is_owed_to_the_last_who_wrote(world):
    case = await world.citizen_writes("sms")
    requested = await world.agent_answers(case)
    await world.handlers.owe_reply(requested)
    await world.handlers.owe_reply(requested)
    [owed] = await world.deliveries.of_case(case.case_id)
    assert (owed.purpose, owed.answers, owed.lane) == (Purpose.REPLY, case.last_inbound, "twilio")
    assert owed.overdue_at is None


async def test_an_answer_is_owed_to_whom_the_agent_saw_whoever_wrote_since(world):
    case = await world.citizen_writes()
    first = world.messages.messages[case.opened_by]
    world.messages.messages["later"] = first.model_copy(update={"message_id": "later"})
    world.cases.cases[case.case_id] = case.model_copy(update={"last_inbound": "later"})
    requested = await world.agent_answers(case)
    await world.handlers.owe_reply(requested.model_copy(update={"answers": first.message_id}))
    [owed] = await world.deliveries.of_case(case.case_id)
    assert owed.answers == first.message_id, "the answer goes to whoever wrote last"


async def test_an_answer_in_a_case_that_is_gone_counts_as_erased(world):
    case = await world.citizen_writes()
    requested = await world.agent_answers(case)
    world.cases.cases.clear()
    with pytest.raises(ErasedError):
        await world.handlers.owe_reply(requested)


@pytest.mark.parametrize("destroyed", [False, True])
async def test_events_about_an_erased_case_record_nothing_and_wake_nobody(world, destroyed):
    case = await world.citizen_writes()
    opened, requested = world.opened(case), await world.agent_answers(case)
    await world.cases.mark_erasing([case.case_id])
    if destroyed:
        await world.cases.destroy([case.case_id], world.now)
    await world.owe_receipts(opened)
    with pytest.raises(ErasedError):
        await world.handlers.owe_reply(requested)
    assert await world.deliveries.of_case(case.case_id) == []
    assert (await world.announced(), world.woken) == ([], [])


@pytest.mark.parametrize("named", [True, False])
async def test_of_an_answer_whose_message_was_erased_the_agent_hears(world, named):
    """It goes to nobody else: the agent saw where it would go, and may answer again."""
    case = await world.citizen_writes()
    requested = await world.agent_answers(case)
    gone = {"last_inbound": "of-bob"} if named else {}
    world.cases.cases[case.case_id] = case.model_copy(update=gone)
    if not named:
        del world.messages.messages[case.opened_by]
    try:
        await world.handlers.owe_reply(requested.model_copy(update={"answers": "of-bob" if named else None}))
    except ErasedError:
        pytest.fail("the agent's words go nowhere, and the page waits for them for ever")
    [owed] = await world.deliveries.of_case(case.case_id)
    assert (owed.outbound_id, owed.state, owed.reason) == (requested.outbound_id, S.WITHHELD, "erased")
    await world.announcer.sweep()
    assert [told.state for told in await world.announced()] == [S.WITHHELD]


async def test_callbacks_move_a_delivery_forward_only(world):
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    outbound = (await world.receipt_of(case)).outbound_id
    for status in ("sent", "delivered", "sent", "queued", "undelivered", "delivered"):
        await world.handlers.record_report(world.reported(outbound, status))
    assert (await world.receipt_of(case)).state is S.DELIVERED
    assert [told.state for told in await world.announced()] == [S.SENT, S.DELIVERED]


async def test_a_failed_delivery_says_why(world):
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    outbound = (await world.receipt_of(case)).outbound_id
    await world.handlers.record_report(world.reported(outbound, "undelivered", "30005"))
    [told] = await world.announced()
    assert (told.state, told.reason) == (S.FAILED, "unknown-number")


async def test_a_callback_settles_a_delivery_in_doubt(world):
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    held = await world.claimed("twilio", ZERO)
    await world.deliveries.doubt(held, "timed-out", world.now, world.now)
    await world.handlers.record_report(world.reported(held.outbound_id, "sent"))
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_callback_about_nothing_we_sent_or_in_words_we_do_not_know_changes_nothing(world):
    await world.handlers.record_report(world.reported(MessageId("nobody"), "delivered"))
    await world.handlers.record_report(world.reported(MessageId("nobody"), "levitating"))
    assert await world.announced() == []


async def test_a_store_that_is_away_makes_the_batch_wait(world):
    case = await world.citizen_writes()
    world.deliveries.away = True
    with pytest.raises(TransientError):
        await world.owe_receipts(world.opened(case))


@pytest.mark.parametrize("settlement", [Settlement.RECEIVED, Settlement.SEND_AGAIN])
async def test_what_an_agent_says_of_an_unknown_message_is_done_once(world, settlement):
    case = await world.citizen_writes()
    await world.owe_receipts(world.opened(case))
    receipt = await world.receipt_of(case)
    held = await world.claimed("mail", timedelta(minutes=2))
    await world.deliveries.leave_undecided([held], world.now, "timed-out")
    about = world.opened(case).model_dump(include=set(CaseEvent.model_fields) - {"type", "schema_version"})
    said = {"outbound_id": receipt.outbound_id, "by": "agent-12", "settlement": settlement}
    settled = DeliverySettled(**about, **said)
    world.woken.clear()
    await world.handlers.settle(settled)
    await world.handlers.settle(settled)
    receipt = await world.receipt_of(case)
    if settlement is Settlement.RECEIVED:
        assert (receipt.state, world.woken) == (S.DELIVERED, [])
        assert [told.state for told in await world.announced()] == [S.DELIVERED]
    else:
        assert (receipt.state, receipt.due_at, receipt.copies) == (S.PENDING, world.now, 0)
        assert world.woken == ["mail"]


async def test_an_answer_that_its_agent_sends_on_paper_is_withheld_until_it_is_posted(world):
    case = await world.citizen_writes()
    await world.handlers.owe_reply(await world.agent_answers(case, goes_by="letter"))
    [answer] = await world.deliveries.of_case(case.case_id)
    assert (answer.state, answer.reason, answer.channel) == (S.WITHHELD, "not-electronic", "letter")
    about = world.opened(case).model_dump(include=set(CaseEvent.model_fields) - {"type", "schema_version"})
    said = {"outbound_id": answer.outbound_id, "by": "agent-12", "settlement": Settlement.POSTED}
    posted = DeliverySettled(**about, **said)
    for _ in range(2):
        await world.handlers.settle(posted)
    assert [told.state for told in await world.announced()] == [S.WITHHELD, S.SENT]
