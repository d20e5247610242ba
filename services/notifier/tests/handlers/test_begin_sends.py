"""What is about to leave in one moment is asked for in one command; each still hears its own answer."""

import asyncio
from datetime import timedelta

import pytest

from guichet.errors import TransientError
from notifier.handlers.begin_sends import Beginnings

HOLD = timedelta(minutes=2)


async def test_a_round_is_one_command_and_each_hears_its_own(office):
    for nth in range(3):
        await office.owe_receipts(office.opened(await office.citizen_writes(name=f"case-{nth}")))
    held = await office.deliveries.claim("mail", "sender", office.now, HOLD, 3)
    asked, begin = [], office.deliveries.begin

    async def counted(*about):
        asked.append(about)
        return await begin(*about)

    office.deliveries.begin = counted
    lost = held[1].model_copy(update={"held_by": "somebody else"})
    beginnings = Beginnings(office.deliveries, HOLD, office.clock)
    assert await asyncio.gather(*map(beginnings.begin, [held[0], lost, held[2]])) == [True, False, True]
    assert len(asked) == 1


async def test_a_store_that_is_away_is_told_to_each(office):
    await office.owe_receipts(office.opened(await office.citizen_writes()))
    [held] = await office.deliveries.claim("mail", "sender", office.now, HOLD, 1)
    office.deliveries.away = True
    beginnings = Beginnings(office.deliveries, HOLD, office.clock)
    with pytest.raises(TransientError):
        await beginnings.begin(held)
    office.deliveries.away = False
    assert await beginnings.begin(held)
