"""What holds of every clock, whatever happens, over twenty years."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.calendar import WorkingDays, months_later
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind, ClockState
from guichet.law.clocks.delay import Delay, Unit
from guichet.law.clocks.facts import Answered, Closed, LegalFact, ProcedureConfirmed, QuestionAsked, Reopened, ReRouted
from guichet.law.clocks.rules import SilenceMeans
from guichet.law.territories import Territory
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, a_case, at

SEEDS = st.integers(0, 2**32)
DAYS = st.dates(date(2026, 1, 1), date(2045, 12, 31))
OF_DUTY = {ClockKind.AEE, ClockKind.ARE, ClockKind.FIRST_ANSWER, ClockKind.CLOSING}
MANY = settings(max_examples=300)


@MANY
@given(SEEDS)
def test_the_order_in_which_facts_come_in_and_their_replay_change_nothing(seed: int) -> None:
    events, town, as_of = any_history(Random(seed))
    shuffled = [*events, *Random(seed).sample(events, len(events) // 2)]
    Random(seed + 1).shuffle(shuffled)
    assert case_clocks(shuffled, town, as_of) == case_clocks(events, town, as_of)


@MANY
@given(SEEDS)
def test_nothing_ends_early_and_working_days_are_worked(seed: int) -> None:
    events, town, as_of = any_history(Random(seed))
    for clock in case_clocks(events, town, as_of).clocks:
        assert clock.began is None or clock.began <= as_of
        assert clock.ended is None or clock.ended <= as_of
        assert clock.ended is None or clock.began is None or clock.began <= clock.ended
        if clock.due is not None and clock.began is not None:
            assert clock.due >= clock.began
            assert clock.kind not in OF_DUTY or town.working_days.is_working(clock.due)
            late_or_decided = clock.state in {ClockState.LATE, ClockState.DECIDED}
            assert not late_or_decided or as_of > clock.due


@MANY
@given(SEEDS)
def test_silence_never_decides_before_its_whole_delay(seed: int) -> None:
    events, town, as_of = any_history(Random(seed))
    for clock in case_clocks(events, town, as_of).clocks:
        if clock.kind is ClockKind.SILENCE and clock.began is not None and clock.basis.delay is not None:
            assert clock.due is not None
            assert clock.due >= clock.basis.delay.after(clock.began)
            assert clock.means is not SilenceMeans.ACCEPTS or clock.due == clock.basis.delay.after(clock.began)


@MANY
@given(SEEDS)
def test_a_question_an_answer_a_closing_a_reopening_and_another_department_move_no_clock_of_the_law(seed: int) -> None:
    events, town, as_of = any_history(Random(seed))
    random = Random(seed)
    more: list[LegalFact] = [
        kind(at(as_of - timedelta(days=random.randint(0, 90))))
        for kind in (QuestionAsked, Answered, Closed, Reopened, ReRouted)
    ]
    ours = {ClockKind.FIRST_ANSWER, ClockKind.CLOSING}
    before, after = (
        [clock for clock in case_clocks(given_events, town, as_of).clocks if clock.kind not in ours]
        for given_events in (events, [*events, *more])
    )
    assert before == after


@MANY
@given(SEEDS)
def test_without_a_fact_nothing_changes_before_the_day_that_is_said(seed: int) -> None:
    """A store's row may wait until then: `changes_on`."""
    events, town, as_of = any_history(Random(seed))
    known = [event for event in events if event.on <= as_of]
    now = case_clocks(known, town, as_of)
    last = (now.changes_on or as_of + timedelta(days=400)) - timedelta(days=1)
    assert case_clocks(known, town, last).clocks == now.clocks
    if now.changes_on is not None:
        assert case_clocks(known, town, now.changes_on).clocks != now.clocks


_CHANGES = {"ProcedureConfirmed", "Qualified", "Received", "Withdrawn"}


@MANY
@given(SEEDS, st.integers(1, 200))
def test_what_silence_decided_stays_decided(seed: int, later: int) -> None:
    """Unless it is said afterwards that it was of another procedure or nature, or a fact is withdrawn: one looks."""
    events, town, as_of = any_history(Random(seed))
    changes = {event.on for event in events if type(event).__name__ in _CHANGES}
    if any(day > as_of for day in changes):
        return
    for clock in case_clocks(events, town, as_of).clocks:
        if clock.state is ClockState.DECIDED:
            assert clock in case_clocks(events, town, as_of + timedelta(days=later)).clocks


@MANY
@given(SEEDS)
def test_r4_nothing_accepts_but_a_confirmed_rule(seed: int) -> None:
    """docs/law.md 20."""
    events, town, as_of = any_history(Random(seed))
    accepting = [each for each in case_clocks(events, town, as_of).clocks if each.means is SilenceMeans.ACCEPTS]
    assert all(clock.kind is ClockKind.SILENCE for clock in accepting)
    if accepting:
        named = {event.procedure for event in events if isinstance(event, ProcedureConfirmed)}
        rules = [version.rule.silence for name in named & {*town.procedures} for version in town.procedures[name].all]
        assert any(rule and rule.source and rule.means is SilenceMeans.ACCEPTS for rule in rules)


@given(DAYS, st.sampled_from(Territory))
def test_receipts_and_silence_of_any_day_in_any_part_of_france(day: date, territory: Territory) -> None:
    calendar = WorkingDays(territory)
    found = {
        each.kind: each
        for each in case_clocks(a_case("flat", day.isoformat()), replace(FRANCE, working_days=calendar), day).clocks
    }
    for kind, count in ((ClockKind.AEE, 1), (ClockKind.ARE, 10)):
        due = found[kind].due
        assert due is not None
        assert calendar.is_working(due)
        assert sum(calendar.is_working(day + timedelta(days=n)) for n in range(1, (due - day).days + 1)) == count
    assert found[ClockKind.SILENCE].due == months_later(day, 2)


@given(DAYS, st.integers(1, 400))
def test_a_delay_in_days_counts_every_day(day: date, count: int) -> None:
    assert Delay(count, Unit.DAYS).after(day) - day == timedelta(days=count)


def test_a_delay_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="at least"):
        Delay(0)
