"""A day of a clock that the router passed over is told of, by a process that is not the router."""

from datetime import timedelta

import pytest

from guichet.case.record import CaseDue
from guichet.contracts.legal_facts import LONG_AGO
from guichet.law.calendar import paris_date
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.builders.case import a_case
from notifier.handlers.watch_clocks import WatchClocks


def is_alarmed(case) -> bool:
    return ALARM.labels("clock-passed-over", case.case_id)._value.get() == 1


@pytest.mark.parametrize(("days", "alarmed"), [(-1, True), (0, False), (1, False)])
async def test_r1_a_day_that_is_over_and_that_nobody_counted_is_an_alarm_until_somebody_does(world, days, alarmed):
    """R1 (docs/law.md 8): of an acknowledgement that was never owed nothing else tells."""
    watch = WatchClocks(world.cases, world.clock)
    due = CaseDue(clock="qualification", changes_on=paris_date(world.now) + timedelta(days=days))
    case = world.cases.cases["late"] = a_case(f"late {days}", due=due)
    await watch.look()
    assert is_alarmed(case) is alarmed
    counted = due.model_copy(update={"changes_on": paris_date(world.now) + timedelta(days=9)})
    world.cases.cases["late"] = case.model_copy(update={"due": counted})
    await watch.look()
    assert not is_alarmed(case)


async def test_cases_of_before_that_an_upgrade_has_counted_are_none(world):
    case = world.cases.cases["before"] = a_case("before", due=CaseDue(changes_on=LONG_AGO))
    await WatchClocks(world.cases, world.clock).look()
    assert not is_alarmed(case)
