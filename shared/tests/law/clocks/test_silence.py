"""Silence (docs/law.md 19–22, 24, 62): it decides on its own day, and nothing but a decision that was notified stops it."""

import pytest

from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import (
    Answered,
    Closed,
    DecisionNotified,
    DecisionTaken,
    LegalFact,
    PriorRemedy,
    ProcedureConfirmed,
    QuestionAsked,
)
from guichet.law.clocks.rules import SilenceMeans
from shared.tests.law.clocks.cases import a_case, at, clock, on, seen

RECEIVED = "2026-01-05"


@pytest.mark.parametrize(
    ("procedure", "received", "decides"),
    [
        ("terrace", "2026-01-05", "2026-03-05"),
        ("flat", "2026-01-08", "2026-03-08"),  # a Sunday
        ("flat", "2026-03-01", "2026-05-01"),  # a holiday
        ("document", "2026-01-31", "2026-02-28"),
        ("flat", "2027-12-31", "2028-02-29"),
        ("sign", "2026-01-05", "2026-02-19"),  # 45 days
    ],
)
def test_silence_decides_when_its_own_day_is_over(procedure: str, received: str, decides: str) -> None:
    case = a_case(procedure, received)
    on_the_day = clock(case, ClockKind.SILENCE, decides)
    assert (on_the_day.state, on_the_day.due) == (ClockState.RUNNING, on(decides))
    later = clock(case, ClockKind.SILENCE, "2030-01-01")
    assert (later.state, later.ended) == (ClockState.DECIDED, on(decides))


def test_a_procedure_that_is_confirmed_late_counts_from_receipt() -> None:
    received, _ = a_case("flat", RECEIVED)
    assert clock([received, ProcedureConfirmed(at("2026-03-01"), "flat")], ClockKind.SILENCE, "2026-03-02").due == on(
        "2026-03-05"
    )


@pytest.mark.parametrize("event", [Answered, Closed, QuestionAsked, DecisionTaken, DecisionNotified])
def test_no_answer_no_closing_and_no_half_of_a_decision_stops_it(event: type[LegalFact]) -> None:
    case = a_case("terrace", RECEIVED, event(at("2026-01-20")))
    assert clock(case, ClockKind.SILENCE, "2026-09-01").state is ClockState.DECIDED


@pytest.mark.parametrize(
    ("taken", "notified", "state"),
    [
        ("2026-02-01", "2026-03-05", ClockState.STOPPED),  # on the last day
        ("2026-02-01", "2026-03-06", ClockState.DECIDED),
        ("2026-02-10", "2026-02-01", ClockState.DECIDED),  # what was notified was another
    ],
)
def test_a_decision_stops_it_when_it_was_notified_in_time(taken: str, notified: str, state: ClockState) -> None:
    case = a_case("terrace", RECEIVED, DecisionNotified(at(notified)), DecisionTaken(at(taken)))
    assert clock(case, ClockKind.SILENCE, "2026-09-01").state is state


def test_a_decision_that_nobody_proved_to_be_notified_is_looked_at() -> None:
    case = a_case("terrace", RECEIVED, DecisionTaken(at("2026-02-01")))
    assert seen(case, "2026-02-02").doubts == (Doubt.NOT_NOTIFIED,)
    assert seen([*case, DecisionNotified(at("2026-02-03"))], "2026-02-03").doubts == ()


def test_a_prior_remedy_has_a_silence_of_its_own_which_rejects() -> None:
    case = a_case("flat", RECEIVED, PriorRemedy(at("2026-03-10")))
    running = clock(case, ClockKind.PRIOR_REMEDY, "2026-05-10")
    assert (running.state, running.due, running.means) == (ClockState.RUNNING, on("2026-05-10"), SilenceMeans.REJECTS)
    assert clock(case, ClockKind.PRIOR_REMEDY, "2026-05-11").state is ClockState.DECIDED
    decided = [*case, DecisionTaken(at("2026-04-01")), DecisionNotified(at("2026-04-02"))]
    assert clock(decided, ClockKind.PRIOR_REMEDY, "2026-09-01").ended == on("2026-04-02")
    first = [*a_case("flat", RECEIVED, DecisionTaken(at("2026-02-01")), DecisionNotified(at("2026-02-02"))), case[-1]]
    assert clock(first, ClockKind.PRIOR_REMEDY, "2026-09-01").state is ClockState.DECIDED, (
        "it asks for another decision"
    )
    assert clock(first, ClockKind.SILENCE, "2026-09-01").basis.follows is Follows.DECISION
