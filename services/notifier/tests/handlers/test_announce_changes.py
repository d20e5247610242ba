"""What becomes known of deliveries is told once, in company."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from guichet.contracts.delivery import DeliveryState
from guichet_testing.until import PATIENCE_S

S = DeliveryState


async def concluded(world, name):
    case = await world.citizen_writes(name=name)
    await world.owe_receipts(world.opened(case))
    held = await world.claimed("mail", world.now - world.now)
    return await world.deliveries.conclude(held, S.SENT, world.now, None, None)


async def test_what_moves_at_about_the_same_time_is_told_together_and_once(world):
    moved = [await concluded(world, f"case-{n}") for n in range(3)]
    told, published, publish = [], asyncio.Event(), world.publisher.publish

    async def counted(*publications):
        told.append(len(publications))
        await publish(*publications)
        published.set()

    world.publisher.publish = counted
    announcing = asyncio.create_task(world.announcer.announce_on())
    for each in moved:
        world.announcer.announce_soon(each)
    async with asyncio.timeout(PATIENCE_S):
        await published.wait()
    announcing.cancel()
    with suppress(asyncio.CancelledError):
        await announcing
    assert told == [3]
    assert [event.outbound_id for event in await world.announced()] == [each.outbound_id for each in moved]
    assert await world.deliveries.unpublished(world.now + timedelta(seconds=1)) == []


async def test_a_state_that_was_overtaken_before_it_was_told_leaves_the_later_one_to_be_told(world):
    sent = await concluded(world, "case-1")
    world.announcer.announce_soon(sent)
    await world.deliveries.report(sent.outbound_id, S.DELIVERED, world.now, None, "SM1")
    assert [event.state for event in await world.announced()] == [S.SENT]
    world.now += timedelta(seconds=6)
    await world.announcer.sweep()
    assert [event.state for event in await world.announced()] == [S.SENT, S.DELIVERED]
