"""What a case keeps of its clocks holds until the day that it names, and never goes back."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.kept_clocks import KeptClocks, kept_clocks
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, a_case, on

SEEDS = st.integers(0, 2**32)
SPAN = 50  # days that each history is lived through


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_who_reckons_on_the_days_that_are_named_alone_knows_what_who_reckons_daily_knows(seed: int) -> None:
    """Facts that are dated ahead among them: a worker is told of them before their day."""
    facts, town, as_of = any_history(Random(seed))
    kept = kept_clocks(facts, town, as_of)
    for day in (as_of + timedelta(days=nth) for nth in range(1, SPAN)):
        daily = kept_clocks(facts, town, day)
        if kept.changes_on is not None and day >= kept.changes_on:
            kept = daily
        assert kept == daily, day


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.integers(1, 200))
def test_no_day_that_is_said_lies_behind_and_none_comes_nearer_by_waiting(seed: int, later: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    known = [each for each in facts if each.on <= as_of]
    kept, then = kept_clocks(known, town, as_of), kept_clocks(known, town, as_of + timedelta(days=later))
    assert kept.changes_on is None or kept.changes_on > as_of
    assert kept.next_due is None or kept.next_due >= as_of
    assert kept.overdue_since is None or kept.overdue_since < as_of
    if then.next_due is not None:
        assert kept.next_due is not None
        assert then.next_due >= kept.next_due


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_the_order_in_which_a_case_was_told_is_none(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    told_again = [*facts, *facts]
    Random(seed + 1).shuffle(told_again)
    assert kept_clocks(told_again, town, as_of) == kept_clocks(facts, town, as_of)


def test_what_a_row_says() -> None:
    kept = kept_clocks(a_case("flat", "2026-01-05"), FRANCE, date(2026, 1, 8))
    assert kept == KeptClocks(
        ClockKind.AEE, on("2026-01-06"), ClockKind.FIRST_ANSWER, on("2026-01-12"), on("2026-01-13"), is_doubted=False
    )
    unsaid = kept_clocks([], replace(FRANCE, procedures={}), date(2026, 1, 8))
    assert unsaid == KeptClocks(None, None, None, None, None, is_doubted=True)
