"""Giving up counts what was tried, never how long a message waited for us."""

from datetime import timedelta

from guichet.channel.outgoing.outcomes import Deferred, sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.contracts.delivery import DeliveryState
from guichet.errors import TransientError
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account

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


def lane_of(world, sender):
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0), senders=1, at_once=1),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )


async def owed(world):
    case = await world.citizen_writes()
    await world.owe_receipts(world.opened(case))
    return case


async def run_for(world, lane, duration, step=timedelta(minutes=15)):
    """Let the lane do all that it does in a time."""
    end = world.now + duration
    while world.now < end:
        while not await lane.step():
            pass
        world.now += step


async def test_no_receipt_is_given_up_because_the_notifier_was_down_for_six_days(world):
    case, relay = await owed(world), Relay(lambda: Deferred("message-refused"))
    world.now += timedelta(days=6)
    await lane_of(world, relay).step()
    assert (await world.receipt_of(case)).state is S.PENDING, "given up at the first attempt"


async def test_no_receipt_is_given_up_because_the_relay_could_not_be_reached_for_six_days(world):
    answers = {"now": TransientError("the mail relay: SMTPConnectError")}
    case, relay = await owed(world), Relay(lambda: answers["now"])
    lane = lane_of(world, relay)
    await run_for(world, lane, timedelta(days=6))
    assert (await world.receipt_of(case)).state is S.PENDING, "given up though no relay was ever asked"
    answers["now"] = sent()
    await run_for(world, lane, timedelta(hours=1))
    assert (await world.receipt_of(case)).state is S.SENT


async def test_time_in_which_nobody_tried_does_not_count_between_two_attempts(world):
    case, relay = await owed(world), Relay(lambda: Deferred("message-refused"))
    lane = lane_of(world, relay)
    await run_for(world, lane, timedelta(hours=1))
    world.now += timedelta(days=6)  # a backup of then was restored
    await run_for(world, lane, timedelta(hours=1))
    assert (await world.receipt_of(case)).state is S.PENDING, "our own days of absence were counted as trying"


async def test_a_relay_that_says_later_for_five_days_of_trying_is_given_up(world):
    case, relay = await owed(world), Relay(lambda: Deferred("message-refused"))
    lane = lane_of(world, relay)
    await run_for(world, lane, timedelta(days=4, hours=20))
    assert (await world.receipt_of(case)).state is S.PENDING
    await run_for(world, lane, timedelta(hours=12))
    assert (await world.receipt_of(case)).reason == "gave-up"
