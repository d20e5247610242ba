"""A fact told by mistake is withdrawn, an abuse lifted, a case opened again."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import (
    AbuseDeclared,
    AbuseLifted,
    Answered,
    Closed,
    DecisionNotified,
    DecisionTaken,
    LegalFact,
    Received,
    Reopened,
    Transferred,
    Withdrawn,
)
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import a_case, at, clock, on, seen

RECEIVED = "2026-01-05"
NOTIFIED = DecisionNotified(at("2026-02-02"))
DECISION = [DecisionTaken(at("2026-02-01")), NOTIFIED]


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_fact_that_is_withdrawn_leaves_every_clock_as_if_it_was_never_told(seed: int) -> None:
    """Whichever it is; what was told of it remains a doubt where silence had decided."""
    events, town, as_of = any_history(Random(seed))
    events = [each for each in events if not isinstance(each, Withdrawn)]
    wrong = Random(seed).choice(events)
    without = [each for each in events if each != wrong]
    taken_back = case_clocks([*events, Withdrawn(at(as_of), wrong)], town, as_of)
    assert taken_back.clocks == case_clocks(without, town, as_of).clocks
    before = case_clocks([*events, Withdrawn(at(as_of + timedelta(days=1)), wrong)], town, as_of)
    assert before.clocks == case_clocks(events, town, as_of).clocks, "until then it counts"
    again = Withdrawn(at(as_of), Withdrawn(at(as_of), wrong))
    brought_back = case_clocks([*events, Withdrawn(at(as_of), wrong), again], town, as_of)
    assert brought_back.clocks == case_clocks(events, town, as_of).clocks


@pytest.mark.parametrize(
    ("withdrawn", "state", "doubts"),
    [
        ("2026-03-05", ClockState.RUNNING, {Doubt.NOT_NOTIFIED}),
        ("2026-03-06", ClockState.DECIDED, {Doubt.NOT_NOTIFIED, Doubt.DECIDED_MEANWHILE}),
    ],
)
def test_a_decision_that_was_no_decision_hid_a_silence(withdrawn: str, state: ClockState, doubts: set[Doubt]) -> None:
    case = a_case("terrace", RECEIVED, *DECISION, Withdrawn(at(withdrawn), NOTIFIED))
    assert clock(case, ClockKind.SILENCE, withdrawn).state is state
    assert {*seen(case, withdrawn).doubts} == doubts


def test_what_silence_had_decided_by_a_fact_that_is_withdrawn_is_looked_at() -> None:
    mistaken = Received(at(RECEIVED))
    case = [*a_case("terrace", RECEIVED), Received(at("2026-02-10")), Withdrawn(at("2026-03-20"), mistaken)]
    assert clock(case, ClockKind.SILENCE, "2026-03-10").state is ClockState.DECIDED
    found = seen(case, "2026-03-20")
    assert clock(case, ClockKind.SILENCE, "2026-03-20").due == on("2026-04-10")
    assert found.doubts == (Doubt.DECIDED_BEFORE,)


def test_a_withdrawal_of_what_nobody_told_is_looked_at() -> None:
    case = a_case("flat", RECEIVED, Withdrawn(at("2026-01-07"), Closed(at("2026-01-06"))))
    assert seen(case, "2026-01-07").doubts == (Doubt.WITHDRAWS_NOTHING,)


def test_an_abuse_that_is_lifted_leaves_the_receipts_owed() -> None:
    """docs/law.md 13."""
    declared, lifted = AbuseDeclared(at("2026-01-05", 9)), AbuseLifted(at("2026-02-02"))
    case = a_case("flat", RECEIVED, declared, lifted)
    assert clock(case, ClockKind.ARE, "2026-02-01").basis.follows is Follows.ABUSE
    owed = clock(case, ClockKind.ARE, "2026-02-02")
    assert (owed.state, owed.due, owed.basis.follows) == (ClockState.LATE, on("2026-01-19"), Follows.ARE)
    again = clock([*case, AbuseDeclared(at("2026-02-03"))], ClockKind.ARE, "2026-02-04")
    assert (again.state, again.ended) == (ClockState.STOPPED, on("2026-02-03"))
    at_once = clock(a_case("flat", RECEIVED, declared, AbuseLifted(declared.at)), ClockKind.ARE, "2026-01-06")
    assert at_once.basis.follows is Follows.ARE, "who lifts it is heard"


CLOSED, REOPENED = Closed(at("2026-01-08")), Reopened(at("2026-03-02"))


@pytest.mark.parametrize(
    ("facts", "closing", "first_answer"),
    [
        ([CLOSED, REOPENED], ("2026-03-02", ClockState.RUNNING), ("2026-03-02", ClockState.RUNNING)),
        ([Answered(at("2026-01-07")), CLOSED, REOPENED], ("2026-03-02", ClockState.RUNNING), (RECEIVED, "met")),
        ([CLOSED, REOPENED, Closed(at("2026-03-02", 9))], ("2026-03-02", "met"), ("2026-03-02", "stopped")),
        ([REOPENED], (RECEIVED, ClockState.LATE), (RECEIVED, ClockState.LATE)),
        ([CLOSED, Transferred(at("2026-02-02"), "Métropole"), REOPENED], (RECEIVED, "met"), (RECEIVED, "stopped")),
    ],
    ids=["closed", "answered", "closed-again", "never-closed", "transferred"],
)
def test_a_case_that_is_open_again_has_its_targets_anew(
    facts: list[LegalFact], closing: tuple[str, str], first_answer: tuple[str, str]
) -> None:
    case = a_case("flat", RECEIVED, *facts)
    for kind, (began, state) in ((ClockKind.CLOSING, closing), (ClockKind.FIRST_ANSWER, first_answer)):
        found = clock(case, kind, "2026-03-03")
        assert (found.began, found.state) == (on(began), state)
