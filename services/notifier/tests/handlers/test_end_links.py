"""What has ended is emptied under the clock, and of an open case nothing ends."""

from datetime import timedelta

import pytest

from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseState
from guichet.errors import TransientError
from notifier.handlers.end_links import EndedLinks


async def test_the_page_of_a_closed_case_is_gone_after_the_towns_delay_and_not_before(office):
    case = await office.citizen_writes(state=CaseState.CLOSED, closed_at=office.now)
    open_case = await office.citizen_writes(name="open")
    await office.view_writer.write({case.case_id, open_case.case_id})
    round_ = EndedLinks(office.views, office.clock, sleep=SystemClock().sleep)
    office.now += timedelta(days=90) - timedelta(seconds=1)
    assert await round_.end() == 0
    office.now += timedelta(seconds=1)
    assert await round_.end() == 1
    assert office.views.views[case.follow].box is None
    assert office.views.views[open_case.follow].box is not None


async def test_while_the_store_is_away_it_waits(office):
    office.views.away = True
    with pytest.raises(TransientError):
        await EndedLinks(office.views, office.clock, sleep=SystemClock().sleep).end()
