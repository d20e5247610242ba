"""What becomes known of deliveries is told once, in company."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from guichet.contracts.delivery import DeliveryState
from guichet_testing.until import PATIENCE_S

S = DeliveryState


async def concluded(office, name):
    case = await office.citizen_writes(name=name)
    await office.owe_receipts(office.opened(case))
    held = await office.claimed("mail", office.now - office.now)
    return await office.deliveries.conclude(held, S.SENT, office.now, None, None)


async def test_what_moves_at_about_the_same_time_is_told_together_and_once(office):
    moved = [await concluded(office, f"case-{n}") for n in range(3)]
    told, published, publish = [], asyncio.Event(), office.publisher.publish

    async def counted(*publications):
        told.append(len(publications))
        await publish(*publications)
        published.set()

    office.publisher.publish = counted
    announcing = asyncio.create_task(office.announcer.announce_on())
    for each in moved:
        office.announcer.announce_soon(each)
    async with asyncio.timeout(PATIENCE_S):
        await published.wait()
    announcing.cancel()
    with suppress(asyncio.CancelledError):
        await announcing
    assert told == [3]
    assert [event.outbound_id for event in await office.announced()] == [each.outbound_id for each in moved]
    assert await office.deliveries.unpublished(office.now + timedelta(seconds=1)) == []


async def test_a_state_that_was_overtaken_before_it_was_told_leaves_the_later_one_to_be_told(office):
    sent = await concluded(office, "case-1")
    office.announcer.announce_soon(sent)
    await office.deliveries.report(sent.outbound_id, S.DELIVERED, office.now, None, "SM1")
    assert [event.state for event in await office.announced()] == [S.SENT]
    office.now += timedelta(seconds=6)
    await office.announcer.sweep()
    assert [event.state for event in await office.announced()] == [S.SENT, S.DELIVERED]
