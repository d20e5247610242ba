"""Legal receipts that are late raise an alarm with their case, and clear it once sent or once
the town has answered."""

import time
from datetime import timedelta

from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import Automatic
from guichet.ids import CaseId, MessageId
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM, RECEIPTS_OVERDUE
from guichet.store.deliveries.watched import Position, Watched
from notifier.handlers.watch_deliveries import PAGE, PAGES_ON, Walk, Watch


async def test_r1_a_late_receipt_raises_an_alarm_with_its_case_until_it_is_sent(world):
    """R1 (docs/law.md 8)."""
    case = await world.citizen_writes(name="case-waits")
    await world.owe_receipts(world.opened(case))
    watch, alarm = (
        Watch(world.watched, world.clock, world.deliveries.has_due),
        ALARM.labels("receipt-overdue", case.case_id),
    )
    receipt = await world.receipt_of(case)
    world.now = receipt.overdue_at - timedelta(seconds=1)
    await watch.look()
    assert (alarm._value.get(), RECEIPTS_OVERDUE._value.get()) == (0, 0)
    world.now = receipt.overdue_at
    await watch.look()
    assert (alarm._value.get(), RECEIPTS_OVERDUE._value.get()) == (1, 1)
    await world.deliveries.report(receipt.outbound_id, DeliveryState.SENT, world.now, None, "SM1")
    await watch.look()
    assert (alarm._value.get(), RECEIPTS_OVERDUE._value.get()) == (0, 0)


async def test_r1_a_receipt_that_is_owed_too_late_and_leaves_at_once_rings_all_the_same(world):
    """R1 (docs/law.md 8): the router was off on the day by which it should have left."""
    case = await world.citizen_writes(name="case-late")
    alarm = ALARM.labels("receipt-overdue", case.case_id)
    world.now += timedelta(days=7)
    for _ in range(2):
        await world.owe_receipts(world.opened(case))
    receipt = await world.receipt_of(case)
    await world.deliveries.report(receipt.outbound_id, DeliveryState.SENT, world.now, None, "SM1")
    assert alarm._value.get() == 1, "nobody hears that it was late"
    await world.watch.look()
    assert alarm._value.get() == 0


async def test_what_is_noted_while_a_page_is_read_rings_until_the_next_look(world):
    position, case = Position(world.now, MessageId("noted")), CaseId("noted-meanwhile")
    alarm, notes = ALARM.labels("receipt-overdue", case), [lambda: walk.note(position, case)]

    async def read(_after: Position | None) -> list[Watched]:
        while notes:
            notes.pop()()
        return []

    walk = Walk(Alarm.RECEIPT_OVERDUE, read)
    await walk.look()
    assert alarm._value.get() == 1, "a page that knows nothing of it yet ended it"
    await walk.look()
    assert alarm._value.get() == 0


async def test_what_is_owed_in_time_or_to_nobody_rings_nothing(world):
    on_time, machine = await world.citizen_writes(name="in-time"), await world.citizen_writes(name="no-person")
    await world.owe_receipts(world.opened(on_time))
    world.now += timedelta(days=7)
    await world.owe_receipts(world.opened(machine, automatic=Automatic.AUTO_SUBMITTED))
    rung = [ALARM.labels("receipt-overdue", each.case_id)._value.get() for each in (on_time, machine)]
    assert rung == [0, 0]


async def test_a_receipt_that_failed_is_overdue_until_the_town_has_answered(world):
    case = await world.citizen_writes("sms", name="case-failed")
    await world.owe_receipts(world.opened(case))
    watch, alarm = (
        Watch(world.watched, world.clock, world.deliveries.has_due),
        ALARM.labels("receipt-overdue", case.case_id),
    )
    receipt = await world.receipt_of(case)
    await world.handlers.record_report(world.reported(receipt.outbound_id, "undelivered", "30006"))
    world.now = receipt.overdue_at
    await watch.look()
    assert alarm._value.get() == 1
    requested = await world.agent_answers(case)
    await world.handlers.owe_reply(requested)
    await watch.look()
    assert alarm._value.get() == 1
    await world.deliveries.report(requested.outbound_id, DeliveryState.SENT, world.now, None, "SM2")
    await watch.look()
    assert alarm._value.get() == 0


async def test_r9_a_receipt_that_came_back_is_overdue_and_what_arrived_is_not_taken_back(world):
    """R9 (docs/law.md 51): its mail left, and came back days later."""
    case = await world.citizen_writes(name="case-bounced")
    await world.owe_receipts(world.opened(case))
    receipt = await world.receipt_of(case)
    await world.deliveries.report(receipt.outbound_id, DeliveryState.SENT, world.now, None, "relay")
    watch, alarm = (
        Watch(world.watched, world.clock, world.deliveries.has_due),
        ALARM.labels("receipt-overdue", case.case_id),
    )
    world.now = receipt.overdue_at
    await watch.look()
    assert alarm._value.get() == 0
    await world.handlers.record_report(world.reported(receipt.outbound_id, "failed", "5.1.1", channel="email"))
    told = (await world.announced())[-1]
    assert (told.state, told.reason) == (DeliveryState.FAILED, "unknown-address")
    await watch.look()
    assert alarm._value.get() == 1
    await world.handlers.record_report(world.reported(receipt.outbound_id, "delivered", channel="email"))
    await world.handlers.record_report(world.reported(receipt.outbound_id, "failed", "5.2.2", channel="email"))
    assert (await world.receipt_of(case)).state is DeliveryState.DELIVERED
    await watch.look()
    assert alarm._value.get() == 0


async def test_a_hundred_failed_receipts_hide_no_newer_one_that_is_overdue(world):
    for nth in range(100):
        case = await world.citizen_writes("sms", name=f"failed-{nth:03}")
        await world.owe_receipts(world.opened(case))
        receipt = await world.receipt_of(case)
        await world.deliveries.report(receipt.outbound_id, DeliveryState.FAILED, world.now, "unreachable", "SM1")
    watch = Watch(world.watched, world.clock, world.deliveries.has_due)
    world.now = receipt.overdue_at
    await watch.look()
    later = await world.citizen_writes("sms", name="newer")
    await world.owe_receipts(world.opened(later, received_at=world.now))
    world.now = (await world.receipt_of(later)).overdue_at
    await watch.look()
    assert ALARM.labels("receipt-overdue", later.case_id)._value.get() == 1, "a newer overdue receipt raised no alarm"


async def test_a_look_takes_a_few_pages_however_many_there_are_and_the_looks_get_round_them_all(world):
    """A thousand became overdue together: the notifier was away for days."""
    owed = [
        Watched(Position(world.now - timedelta(seconds=nth // 50), MessageId(f"m-{nth:04}")), CaseId(f"away-{nth}"))
        for nth in range(1000)
    ]
    pages = []

    async def read(after):
        newest_first = sorted(owed, key=lambda each: each.position, reverse=True)
        pages.append([each for each in newest_first if after is None or each.position < after][:PAGE])
        return pages[-1]

    walk = Walk(Alarm.RECEIPT_OVERDUE, read)
    for _ in range(3):
        pages.clear()
        await walk.look()
        assert len(pages) <= 1 + PAGES_ON
    assert len(walk.alarmed) == 1000
    newer = Watched(Position(world.now + timedelta(minutes=1), MessageId("newer")), CaseId("newer"))
    owed.append(newer)
    await walk.look()
    assert newer.position in walk.alarmed, "what is new waited behind what is old"
    del owed[::2]
    for _ in range(4):
        await walk.look()
    assert set(walk.alarmed) == {each.position for each in owed}, "what is over is still told of"


async def test_thousands_that_are_over_at_once_are_cleared_without_holding_up_the_process(world):
    """A relay that was away for days is back. All senders share the loop that clears the alarms."""
    owed = [Watched(Position(world.now, MessageId(f"m-{nth}")), CaseId(f"back-{nth}")) for nth in range(20_000)]

    async def read(_after):
        return owed

    walk = Walk(Alarm.RECEIPT_OVERDUE, read)
    await walk.look()
    owed.clear()
    began = time.process_time()
    await walk.look()
    assert walk.alarmed == {}
    assert time.process_time() - began < 2, "clearing takes time by the square of how many there are"


async def test_a_case_with_two_late_messages_is_told_of_until_both_are_over(world):
    owed = [Watched(Position(world.now, MessageId(name)), CaseId("two")) for name in ("first", "second")]

    async def read(after):
        return [] if after else sorted(owed, key=lambda each: each.position, reverse=True)

    walk, alarm = Walk(Alarm.DELIVERY_UNDECIDED, read), ALARM.labels("delivery-undecided", "two")
    for left, stands in ((2, 1), (1, 1), (0, 0)):
        del owed[left:]
        await walk.look()
        assert alarm._value.get() == stands


async def test_what_waits_for_a_channel_that_the_town_closed_is_an_alarm_until_it_has_left(world):
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    watch = Watch(world.watched, world.clock, world.deliveries.has_due, closed=["telegram", "twilio"])
    await watch.look()
    assert ALARM.labels("channel-off", "twilio")._value.get() == 1
    assert ALARM.labels("channel-off", "telegram")._value.get() == 0
    await world.deliveries.report(
        (await world.receipt_of(case)).outbound_id, DeliveryState.SENT, world.now, None, "SM1"
    )
    await watch.look()
    assert ALARM.labels("channel-off", "twilio")._value.get() == 0
