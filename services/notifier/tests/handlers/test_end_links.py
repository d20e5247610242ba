"""What has ended is emptied under the clock, and of an open case nothing ends."""

from datetime import timedelta

import pytest

from guichet.contracts.case_events import CaseState
from guichet.errors import TransientError
from notifier.handlers.end_links import end_links


async def test_the_page_of_a_closed_case_is_gone_after_the_towns_delay_and_not_before(world):
    case = await world.citizen_writes(state=CaseState.CLOSED, closed_at=world.now)
    open_case = await world.citizen_writes(name="open")
    await world.view_writer.write({case.case_id, open_case.case_id})
    world.now += timedelta(days=90) - timedelta(seconds=1)
    assert await end_links(world.views, world.clock) == 0
    world.now += timedelta(seconds=1)
    assert await end_links(world.views, world.clock) == 1
    assert world.views.views[case.follow].box is None
    assert world.views.views[open_case.follow].box is not None


async def test_while_the_store_is_away_it_waits(world):
    world.views.away = True
    with pytest.raises(TransientError):
        await end_links(world.views, world.clock)
