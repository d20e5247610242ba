"""One lane over the twins of the notifier, and senders that do as they are told."""

from collections import deque
from datetime import timedelta

from guichet.channel.outgoing.outcomes import sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.contracts.delivery import DeliveryState
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account

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
        self.known = []

    async def try_send(self, letter):
        self.letters.append(letter)
        answer = self.answers.popleft() if self.answers else sent()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def settle(self, letter):
        self.asked.append(letter)
        return self.known


def whole():
    return 1.0


def lane_of(
    world, sender, rate=Rate(per_second=1000, burst=1000), settle_after=ZERO, senders=1, at_once=1, share=whole
):
    return Lane(
        Account(sender, rate, world.clock, world.deliveries.taken, share=share),
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
