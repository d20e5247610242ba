"""What a host notes of a payload that nobody can read."""

from collections.abc import Iterable
from typing import Any

from guichet.channel.lent import Host
from guichet.channel.payload import Payload
from guichet.clock import SystemClock
from guichet.contracts.dead_letters import Origin
from guichet.contracts.inbound_content import Identifier
from guichet.contracts.topics import INBOUND_SMS
from guichet_testing.conformance.world import KEY, World

SENDER = Identifier(kind="pigeon", value="ring-7")


def a_host(world: World) -> Host:
    around: Any = None
    return Host(
        service="ingest-sms", provider="loft", topic=INBOUND_SMS, town=around, clock=SystemClock(), edge=world.edge,
        catch_ups=around, message_id_key=KEY,
    )  # fmt: skip


async def unreadable(_: Payload) -> None:
    raise ValueError("coo")


async def test_a_dead_letter_says_where_it_came_from_and_who_sent_it() -> None:
    world = World()
    payload = Payload(b"coo", world.time, {"x-proof": "feather"}, "/pigeon?loft=1")
    await a_host(world).receive(payload, unreadable, senders=lambda _: [SENDER])
    assert world.origins == [Origin("loft", {"x-proof": "feather"}, "/pigeon?loft=1", (SENDER,))]


async def test_a_channel_that_cannot_even_tell_the_sender_loses_no_letter() -> None:
    def senders(_: Payload) -> Iterable[Identifier]:
        yield SENDER
        raise ZeroDivisionError

    world = World()
    await a_host(world).receive(Payload(b"coo", world.time), unreadable, senders=senders)
    assert [(body, origin and origin.senders) for (_, body, _), origin in zip(
        world.dead_letters, world.origins, strict=True
    )] == [(b"coo", None)]  # fmt: skip
