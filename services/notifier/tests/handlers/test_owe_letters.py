"""Events in; intents, announcements and nothing else out. Each act done twice changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.case_events import CaseEvent, DeliverySettled
from guichet.contracts.delivery import DeliveryState, Purpose, Settlement
from guichet.contracts.inbound import Automatic, Channel
from guichet.errors import ErasedError, TransientError
from guichet.ids import MessageId

S = DeliveryState
ZERO = timedelta(0)
BATCH = [(Channel.SMS, "gone"), (Channel.EMAIL, "machine"), (Channel.SMS, "by-phone"), (Channel.EMAIL, "by-mail")]


async def test_a_new_case_is_owed_one_receipt_however_often_its_opening_is_told(office):
    case = await office.citizen_writes()
    for _ in range(3):
        await office.owe_receipts(office.opened(case))
    [owed] = await office.deliveries.of_case(case.case_id)
    assert (owed.purpose, owed.state, owed.lane) == (Purpose.AEE, S.PENDING, "mail")
    assert await office.announced() == []
    assert office.woken[0] == "mail"


async def test_a_batch_of_new_cases_is_owed_for_together_without_the_erased_and_the_machines(office):
    cases = [await office.citizen_writes(channel, name) for channel, name in BATCH]
    await office.cases.mark_erasing([cases[0].case_id])
    machine = office.opened(cases[1], automatic=Automatic.AUTO_SUBMITTED)
    openings = [office.opened(cases[0]), machine, machine, *map(office.opened, cases[2:])]
    for _ in range(2):
        await office.owe_receipts(*openings)
    assert await office.deliveries.of_case(cases[0].case_id) == []
    assert [(await office.receipt_of(case)).state for case in cases[1:]] == [S.WITHHELD, S.PENDING, S.PENDING]
    assert [told.case_id for told in await office.announced()] == [cases[1].case_id]
    assert office.woken == ["mail", "twilio"], "each lane once a batch, and for nothing that was known"


async def test_the_receipt_is_overdue_after_the_next_working_day_in_paris(office):
    case = await office.citizen_writes()  # 1 May 1:30 in Paris, a holiday and a Friday
    await office.owe_receipts(office.opened(case))
    assert (await office.receipt_of(case)).overdue_at == datetime(2026, 5, 4, 22, 0, tzinfo=UTC)


async def test_a_receipt_that_was_sent_is_not_owed_again_by_a_replay(office):
    case = await office.citizen_writes()
    await office.owe_receipts(office.opened(case))
    held = await office.claimed("mail", ZERO)
    await office.deliveries.conclude(held, S.SENT, office.now, None, None)
    await office.owe_receipts(office.opened(case))
    assert (await office.receipt_of(case)).state is S.SENT


async def test_a_machine_gets_none_and_the_router_is_told_why_once(office):
    case = await office.citizen_writes()
    opened = office.opened(case, automatic=Automatic.AUTO_SUBMITTED)
    await office.owe_receipts(opened)
    await office.owe_receipts(opened)
    [told] = await office.announced()
    assert (told.state, told.reason, told.case_id) == (S.WITHHELD, "auto-submitted", case.case_id)
    assert office.woken == []


async def test_what_could_not_be_announced_is_announced_by_the_sweep_once(office):
    case = await office.citizen_writes()
    opened = office.opened(case, automatic=Automatic.MAILING_LIST)
    await office.owe_receipts(opened)
    office.publisher.away = True
    await office.announcer.announce_gathered()
    office.publisher.away = False
    await office.owe_receipts(opened)
    office.now += timedelta(seconds=6)
    for _ in range(2):
        await office.announcer.sweep()
    assert [told.state for told in await office.announced()] == [S.WITHHELD]


async def test_an_agents_answer_is_owed_to_the_last_who_wrote(office):
    case = await office.citizen_writes(Channel.SMS)
    requested = await office.agent_answers(case)
    await office.handlers.owe_reply(requested)
    await office.handlers.owe_reply(requested)
    [owed] = await office.deliveries.of_case(case.case_id)
    assert (owed.purpose, owed.answers, owed.lane) == (Purpose.REPLY, case.last_inbound, "twilio")
    assert owed.overdue_at is None


async def test_an_answer_is_owed_to_whom_the_agent_saw_whoever_wrote_since(office):
    case = await office.citizen_writes()
    first = office.messages.messages[case.opened_by]
    office.messages.messages["later"] = first.model_copy(update={"message_id": "later"})
    office.cases.cases[case.case_id] = case.model_copy(update={"last_inbound": "later"})
    requested = await office.agent_answers(case)
    await office.handlers.owe_reply(requested.model_copy(update={"answers": first.message_id}))
    [owed] = await office.deliveries.of_case(case.case_id)
    assert owed.answers == first.message_id, "the answer goes to whoever wrote last"


async def test_an_answer_in_a_case_that_is_gone_counts_as_erased(office):
    case = await office.citizen_writes()
    requested = await office.agent_answers(case)
    office.cases.cases.clear()
    with pytest.raises(ErasedError):
        await office.handlers.owe_reply(requested)


@pytest.mark.parametrize("destroyed", [False, True])
async def test_events_about_an_erased_case_record_nothing_and_wake_nobody(office, destroyed):
    case = await office.citizen_writes()
    opened, requested = office.opened(case), await office.agent_answers(case)
    await office.cases.mark_erasing([case.case_id])
    if destroyed:
        await office.cases.destroy([case.case_id], office.now)
    await office.owe_receipts(opened)
    with pytest.raises(ErasedError):
        await office.handlers.owe_reply(requested)
    assert await office.deliveries.of_case(case.case_id) == []
    assert (await office.announced(), office.woken) == ([], [])


@pytest.mark.parametrize("named", [True, False])
async def test_of_an_answer_whose_message_was_erased_the_agent_hears(office, named):
    """It goes to nobody else: the agent saw where it would go, and may answer again."""
    case = await office.citizen_writes()
    requested = await office.agent_answers(case)
    gone = {"last_inbound": "of-bob"} if named else {}
    office.cases.cases[case.case_id] = case.model_copy(update=gone)
    if not named:
        del office.messages.messages[case.opened_by]
    try:
        await office.handlers.owe_reply(requested.model_copy(update={"answers": "of-bob" if named else None}))
    except ErasedError:
        pytest.fail("the agent's words go nowhere, and the page waits for them for ever")
    [owed] = await office.deliveries.of_case(case.case_id)
    assert (owed.outbound_id, owed.state, owed.reason) == (requested.outbound_id, S.WITHHELD, "erased")
    await office.announcer.sweep()
    assert [told.state for told in await office.announced()] == [S.WITHHELD]


async def test_callbacks_move_a_delivery_forward_only(office):
    case = await office.citizen_writes(Channel.SMS)
    await office.owe_receipts(office.opened(case))
    outbound = (await office.receipt_of(case)).outbound_id
    for status in ("sent", "delivered", "sent", "queued", "undelivered", "delivered"):
        await office.handlers.record_report(office.reported(outbound, status))
    assert (await office.receipt_of(case)).state is S.DELIVERED
    assert [told.state for told in await office.announced()] == [S.SENT, S.DELIVERED]


async def test_a_failed_delivery_says_why(office):
    case = await office.citizen_writes(Channel.SMS)
    await office.owe_receipts(office.opened(case))
    outbound = (await office.receipt_of(case)).outbound_id
    await office.handlers.record_report(office.reported(outbound, "undelivered", "30005"))
    [told] = await office.announced()
    assert (told.state, told.reason) == (S.FAILED, "unknown-number")


async def test_a_callback_settles_a_delivery_in_doubt(office):
    case = await office.citizen_writes(Channel.SMS)
    await office.owe_receipts(office.opened(case))
    held = await office.claimed("twilio", ZERO)
    await office.deliveries.doubt(held, "timed-out", office.now, office.now)
    await office.handlers.record_report(office.reported(held.outbound_id, "sent"))
    assert (await office.receipt_of(case)).state is S.SENT


async def test_a_callback_about_nothing_we_sent_or_in_words_we_do_not_know_changes_nothing(office):
    await office.handlers.record_report(office.reported(MessageId("nobody"), "delivered"))
    await office.handlers.record_report(office.reported(MessageId("nobody"), "levitating"))
    assert await office.announced() == []


async def test_a_store_that_is_away_makes_the_batch_wait(office):
    case = await office.citizen_writes()
    office.deliveries.away = True
    with pytest.raises(TransientError):
        await office.owe_receipts(office.opened(case))


@pytest.mark.parametrize("settlement", Settlement)
async def test_what_an_agent_says_of_an_unknown_message_is_done_once(office, settlement):
    case = await office.citizen_writes()
    await office.owe_receipts(office.opened(case))
    receipt = await office.receipt_of(case)
    held = await office.claimed("mail", timedelta(minutes=2))
    await office.deliveries.leave_undecided([held], office.now, "timed-out")
    about = office.opened(case).model_dump(include=set(CaseEvent.model_fields) - {"type", "schema_version"})
    said = {"outbound_id": receipt.outbound_id, "by": "agent-12", "settlement": settlement}
    settled = DeliverySettled(**about, **said)
    office.woken.clear()
    await office.handlers.settle(settled)
    await office.handlers.settle(settled)
    receipt = await office.receipt_of(case)
    if settlement is Settlement.RECEIVED:
        assert (receipt.state, office.woken) == (S.DELIVERED, [])
        assert [told.state for told in await office.announced()] == [S.DELIVERED]
    else:
        assert (receipt.state, receipt.due_at, receipt.copies) == (S.PENDING, office.now, 0)
        assert office.woken == ["mail"]
