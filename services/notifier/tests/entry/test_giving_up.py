"""Giving up counts what was tried, never how long a message waited for us."""

from datetime import timedelta

from guichet.contracts.delivery import DeliveryState
from guichet.errors import TransientError
from notifier.domain.outcomes import Deferred, sent
from notifier.domain.pace import Rate
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from notifier.handlers.senders.sender import Sender

S = DeliveryState


class Relay(Sender):
    """Answers as `says` says at that moment."""

    name = "mail"

    def __init__(self, says):
        self.says = says
        self.tried = 0

    async def try_send(self, letter):
        self.tried += 1
        answer = self.says()
        if isinstance(answer, Exception):
            raise answer
        return answer


def lane_of(office, sender):
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), office.clock),
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0), senders=1, at_once=1),
        deliveries=office.deliveries,
        write=office.writer.write,
        announce=office.announcer.announce_soon,
        clock=office.clock,
    )


async def owed(office):
    case = await office.citizen_writes()
    await office.owe_receipts(office.opened(case))
    return case


async def run_for(office, lane, duration, step=timedelta(minutes=15)):
    """Let the lane do all that it does in a time."""
    end = office.now + duration
    while office.now < end:
        while not await lane.step():
            pass
        office.now += step


async def test_no_receipt_is_given_up_because_the_notifier_was_down_for_six_days(office):
    case, relay = await owed(office), Relay(lambda: Deferred("message-refused"))
    office.now += timedelta(days=6)
    await lane_of(office, relay).step()
    assert (await office.receipt_of(case)).state is S.PENDING, "given up at the first attempt"


async def test_no_receipt_is_given_up_because_the_relay_could_not_be_reached_for_six_days(office):
    answers = {"now": TransientError("the mail relay: SMTPConnectError")}
    case, relay = await owed(office), Relay(lambda: answers["now"])
    lane = lane_of(office, relay)
    await run_for(office, lane, timedelta(days=6))
    assert (await office.receipt_of(case)).state is S.PENDING, "given up though no relay was ever asked"
    answers["now"] = sent()
    await run_for(office, lane, timedelta(hours=1))
    assert (await office.receipt_of(case)).state is S.SENT


async def test_time_in_which_nobody_tried_does_not_count_between_two_attempts(office):
    case, relay = await owed(office), Relay(lambda: Deferred("message-refused"))
    lane = lane_of(office, relay)
    await run_for(office, lane, timedelta(hours=1))
    office.now += timedelta(days=6)  # a backup of then was restored
    await run_for(office, lane, timedelta(hours=1))
    assert (await office.receipt_of(case)).state is S.PENDING, "our own days of absence were counted as trying"


async def test_a_relay_that_says_later_for_five_days_of_trying_is_given_up(office):
    case, relay = await owed(office), Relay(lambda: Deferred("message-refused"))
    lane = lane_of(office, relay)
    await run_for(office, lane, timedelta(days=4, hours=20))
    assert (await office.receipt_of(case)).state is S.PENDING
    await run_for(office, lane, timedelta(hours=12))
    assert (await office.receipt_of(case)).reason == "gave-up"
