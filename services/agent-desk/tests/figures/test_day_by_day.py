"""Days in a row: none is left out, each is counted once, and weeks have what their days have."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from agent_desk.domain.figures.day_by_day import SHOWN, day_by_day, week_by_week
from agent_desk.domain.figures.draw_days import draw_days, step_of
from guichet.store.cases.department_days import department_day

TODAY = date(2026, 3, 31)  # summer time began two days before

one = some.builds(
    lambda department, ago, received: department_day(department, TODAY - timedelta(days=ago), received=received),
    some.sampled_from(("voirie", "ccas")),
    some.integers(0, 60),
    some.integers(0, 9),
)


@given(some.lists(one, max_size=30))
def test_days_follow_each_other_and_weeks_have_what_they_have(found):
    days = day_by_day(found, TODAY)
    weeks = week_by_week(days)
    shown = [each for each in found if (TODAY - each.day).days < SHOWN]
    assert sum(each.received for each in days) == sum(each.received for each in shown)
    assert sum(each.received for each in weeks) == sum(each.received for each in days)
    assert [each.first for each in days] == [TODAY - timedelta(days=nth) for nth in reversed(range(len(days)))]
    assert [later.first - earlier.last for earlier, later in pairwise(weeks)] == [timedelta(days=1)] * max(
        len(weeks) - 1, 0
    )


@given(some.integers(0, 10**6))
def test_a_scale_has_few_lines_and_reaches_the_most(most):
    step = step_of(most)
    lines = -(-most // step)
    assert lines <= 4
    assert step == 1 or lines >= 2, "a step that is too large says nothing"
    assert str(step).rstrip("0") in ("1", "2", "5")


def test_a_drawing_of_days_says_what_it_shows():
    drawn = draw_days(day_by_day([department_day("voirie", TODAY, received=86)], TODAY), named_by="j", told="86 <b>")
    assert "<b>" not in drawn
    assert 'aria-labelledby="j j-dit"' in drawn
    assert ">31/03</text>" in drawn
