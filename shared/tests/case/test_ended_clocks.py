"""Whose figures have a clock that has ended: of whoever had the case at the end of that day, however often it moved."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guichet.case.ended_clocks import REROUTINGS_KEPT, counted_clocks, had_on, with_rerouting
from guichet.case.record import CaseRecord
from guichet.law.calendar import paris_date, start_of_day
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.outcome import EndedClock, Outcome
from guichet_testing.builders.case import a_case

FIRST = date(2026, 3, 2)
DEPARTMENTS = ("voirie", "ccas", "etat-civil")


def moved(case: CaseRecord, department: str, day: date) -> CaseRecord:
    return case.model_copy(update={"rerouted": with_rerouting(case, day), "department": department})


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(DEPARTMENTS)), max_size=8), st.integers(0, 40))
def test_r6_it_is_whoever_had_the_case_at_the_end_of_the_day(moves: list[tuple[int, str]], asked: int) -> None:
    """R6 (docs/law.md 16): a re-routing moves no clock, and no figure of before it."""
    case, expected = a_case(department="voirie"), "voirie"
    for nth, department in sorted(moves, key=lambda each: each[0]):
        case = moved(case, department, FIRST + timedelta(days=nth))
        if nth <= asked:
            expected = department
    assert had_on(case, FIRST + timedelta(days=asked)) == expected


def test_what_is_kept_of_an_ended_clock() -> None:
    case = moved(a_case(department="voirie"), "ccas", FIRST)
    before, after = FIRST - timedelta(days=1), FIRST
    ended = [
        EndedClock(ClockKind.AEE, Outcome.MET, before),
        EndedClock(ClockKind.ARE, Outcome.NOT_MET, after),
    ]
    found = counted_clocks(case, ended)
    assert [(each.clock, each.outcome, paris_date(each.day_begins), each.department) for each in found] == [
        ("aee", "met", before, "voirie"),
        ("are", "not-met", after, "ccas"),
    ]
    assert found[0].day_begins == start_of_day(before)


def test_a_case_stays_small_however_often_it_moves() -> None:
    case = a_case()
    for nth in range(REROUTINGS_KEPT + 5):
        case = moved(case, DEPARTMENTS[nth % 3], FIRST + timedelta(days=nth))
    assert len(case.rerouted) == REROUTINGS_KEPT
    assert CaseRecord.model_validate(case.model_dump(by_alias=True)) == case
