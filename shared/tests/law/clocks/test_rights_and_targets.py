"""A right of the GDPR (docs/law.md 33, 60), and what the town promises beyond the law."""

from dataclasses import replace

import pytest

from guichet.law.clocks.clock import ClockKind, ClockState
from guichet.law.clocks.facts import (
    Answered,
    Closed,
    PriorityGiven,
    QuestionAsked,
    RightsAnswered,
    RightsExtended,
    RightsRequested,
)
from shared.tests.law.clocks.cases import FRANCE, a_case, at, clock, kinds, on, seen

UNROLLED = replace(FRANCE, rights_roll=False)


@pytest.mark.parametrize(
    ("asked", "due", "unrolled"),
    [
        ("2026-01-05", "2026-02-05", "2026-02-05"),
        ("2026-04-01", "2026-05-04", "2026-05-01"),  # a holiday, then a weekend
        ("2026-01-31", "2026-03-02", "2026-02-28"),  # a Saturday
    ],
)
def test_a_month_that_ends_on_no_working_day_ends_on_the_next(asked: str, due: str, unrolled: str) -> None:
    request = [RightsRequested(at(asked))]
    assert clock(request, ClockKind.RIGHTS_REQUEST, asked).due == on(due)
    assert clock(request, ClockKind.RIGHTS_REQUEST, asked, UNROLLED).due == on(unrolled)


@pytest.mark.parametrize(
    ("told", "due"), [("2026-02-05", "2026-04-07"), ("2026-02-06", "2026-02-05"), ("2026-01-04", "2026-02-05")]
)
def test_two_months_more_only_where_the_person_is_told_within_the_first(told: str, due: str) -> None:
    """5 April 2026 is a Sunday, and the 6th Easter Monday."""
    case = [RightsRequested(at("2026-01-05")), RightsExtended(at(told))]
    assert clock(case, ClockKind.RIGHTS_REQUEST, "2026-02-10").due == on(due)


def test_an_answer_is_to_what_was_asked_for_until_then() -> None:
    case = [RightsRequested(at(day)) for day in ("2026-01-05", "2026-06-01")]
    first, second = seen([*case, RightsAnswered(at("2026-02-05"))], "2026-06-02").clocks
    assert (first.state, first.ended, second.state) == (ClockState.MET, on("2026-02-05"), ClockState.RUNNING)


@pytest.mark.parametrize(("priority", "first_answer"), [("normal", "2026-01-12"), ("urgent", "2026-01-06")])
def test_targets_are_of_the_priority(priority: str, first_answer: str) -> None:
    case = a_case("flat", "2026-01-05", PriorityGiven(at("2026-01-06"), priority))
    assert clock(case, ClockKind.FIRST_ANSWER, "2026-01-06").due == on(first_answer)
    assert (ClockKind.CLOSING in kinds(seen(case, "2026-01-06"))) is (priority == "normal"), "urgent has no such target"


def test_an_answer_meets_the_first_target_and_a_question_does_not() -> None:
    case = a_case("flat", "2026-01-05", QuestionAsked(at("2026-01-06")))
    assert clock(case, ClockKind.FIRST_ANSWER, "2026-01-13").state is ClockState.LATE
    assert clock([*case, Answered(at("2026-01-12"))], ClockKind.FIRST_ANSWER, "2026-01-13").state is ClockState.MET


def test_a_case_that_is_closed_without_an_answer_waits_for_none() -> None:
    case = a_case("flat", "2026-01-05", Closed(at("2026-01-08")))
    assert clock(case, ClockKind.FIRST_ANSWER, "2026-09-01").state is ClockState.STOPPED
    assert clock(case, ClockKind.CLOSING, "2026-09-01").state is ClockState.MET


def test_what_is_due_next_is_the_first_that_is_open() -> None:
    case = a_case("flat", "2026-01-05")
    found = seen(case, "2026-01-06")
    assert found.next_due is not None
    assert (found.next_due.kind, found.changes_on) == (ClockKind.AEE, on("2026-01-07"))
    assert seen([], "2026-01-06").next_due is None
