"""The sending of a message, and what is told of it, go on in the trace of the event that asked for it."""

from datetime import timedelta

from guichet.channel.outgoing.outcomes import sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.kafka.records import Received
from guichet.runtime.telemetry.tracing import configure_tracing, current_trace, trace_id_of
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account

BEGUN = "4bf92f3577b34da6a3ce929d0e0e4736"


class NotingSender(Sender):
    name = "mail"

    def __init__(self):
        self.traces = []

    async def try_send(self, letter):
        self.traces.append(trace_id_of(current_trace()))
        return sent()


async def owe_receipt(world, case) -> None:
    """Tell the notifier of a new case as the topic does."""
    configure_tracing()
    headers = (("traceparent", f"00-{BEGUN}-00f067aa0ba902b7-01".encode()),)
    await world.handlers.owe_receipts([Received(world.opened(case), "case-events", 0, 0, case.case_id, headers)])


def announced_traces(world):
    return [trace_id_of(dict(record.headers)["traceparent"].decode()) for record in world.publisher.records]


async def test_a_receipt_is_sent_and_announced_in_its_case_s_trace(world):
    await owe_receipt(world, await world.citizen_writes())
    sender = NotingSender()
    lane = Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0)),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    await lane.step()
    assert sender.traces == [BEGUN]
    await world.announcer.announce_gathered()
    assert announced_traces(world) == [BEGUN]


async def test_what_a_sweep_tells_goes_on_too(world):
    case = await world.citizen_writes()
    await owe_receipt(world, case)
    held = await world.claimed("mail", timedelta(minutes=2))
    await world.deliveries.conclude(held, sent().state, world.now, None, None)
    world.now += timedelta(minutes=1)
    await world.announcer.sweep()
    assert announced_traces(world) == [BEGUN]
