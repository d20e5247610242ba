"""What is about to leave in one moment is asked for in one command; each still hears its own answer."""

import asyncio
from datetime import timedelta

import pytest

from guichet.errors import TransientError
from notifier.handlers.begin_sends import Beginnings

HOLD = timedelta(minutes=2)


async def test_a_round_is_one_command_and_each_hears_its_own(world):
    for nth in range(3):
        await world.owe_receipts(world.opened(await world.citizen_writes(name=f"case-{nth}")))
    held = await world.deliveries.claim("mail", "sender", world.now, HOLD, 3)
    asked, begin = [], world.deliveries.begin

    async def counted(*about):
        asked.append(about)
        return await begin(*about)

    world.deliveries.begin = counted
    lost = held[1].model_copy(update={"held_by": "somebody else"})
    beginnings = Beginnings(world.deliveries, HOLD, world.clock)
    assert await asyncio.gather(*map(beginnings.begin, [held[0], lost, held[2]])) == [True, False, True]
    assert len(asked) == 1


async def test_a_store_that_is_away_is_told_to_each(world):
    await world.owe_receipts(world.opened(await world.citizen_writes()))
    [held] = await world.deliveries.claim("mail", "sender", world.now, HOLD, 1)
    world.deliveries.away = True
    beginnings = Beginnings(world.deliveries, HOLD, world.clock)
    with pytest.raises(TransientError):
        await beginnings.begin(held)
    world.deliveries.away = False
    assert await beginnings.begin(held)
