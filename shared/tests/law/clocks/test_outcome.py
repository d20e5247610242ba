"""How clocks ended: each that did is counted once, in one way, on one day."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.facts import (
    Answered,
    Closed,
    DecisionNotified,
    DecisionTaken,
    LegalFact,
    Receipt,
    ReceiptSent,
    Transferred,
    Withdrawn,
)
from guichet.law.clocks.outcome import COUNTED, EndedClock, Outcome, ended_clocks
from guichet.law.clocks.rules import TownRules
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, a_case, at, on

SEEDS = st.integers(0, 2**32)
MANY = settings(max_examples=150, deadline=None)
RECEIVED = "2026-03-02"  # a Monday: AEE by the 3rd, first answer by the 9th, ARE by the 16th, closing by the 30th
LONG_AFTER = "2026-09-01"


def ended(facts: list[LegalFact], as_of: date, town: TownRules = FRANCE) -> list[EndedClock]:
    return [*ended_clocks(case_clocks(facts, town, as_of).clocks)]


def outcome(kind: ClockKind, *facts: LegalFact, procedure: str = "flat") -> tuple[str, str] | None:
    found = {each.kind: each for each in ended(a_case(procedure, RECEIVED, *facts), on(LONG_AFTER))}
    return (found[kind].outcome, found[kind].on.isoformat()) if kind in found else None


@MANY
@given(SEEDS)
def test_the_outcomes_are_as_many_as_the_clocks_that_ended(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    over = {ClockState.MET, ClockState.LATE, ClockState.DECIDED}
    expected = {
        each.kind
        for each in case_clocks(facts, town, as_of).clocks
        if each.kind in COUNTED and not each.is_elsewhere
        if each.state in over or (each.kind is ClockKind.SILENCE and each.basis.follows is Follows.DECISION)
    }
    counted = ended(facts, as_of, town)
    assert sorted(each.kind for each in counted) == sorted(expected)
    assert all(each.on <= as_of for each in counted)


@MANY
@given(SEEDS)
def test_a_replay_in_any_order_ends_the_same(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    again = [*facts, *Random(seed).sample(facts, len(facts) // 2)]
    Random(seed + 1).shuffle(again)
    assert ended(again, as_of, town) == ended(facts, as_of, town)


@MANY
@given(SEEDS, st.integers(1, 200))
def test_while_nothing_happens_what_has_ended_stays_as_it_is(seed: int, days: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    known = [each for each in facts if each.on <= as_of]
    later = ended(known, as_of + timedelta(days=days), town)
    assert {*ended(known, as_of, town)} <= {*later}


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        (ClockKind.AEE, [ReceiptSent(at("2026-03-02"), Receipt.AEE)], ("met", "2026-03-02")),
        (ClockKind.AEE, [ReceiptSent(at("2026-03-05"), Receipt.AEE)], ("met-late", "2026-03-03")),
        (ClockKind.AEE, [], ("not-met", "2026-03-03")),
        (ClockKind.ARE, [ReceiptSent(at("2026-03-16", 23), Receipt.ARE)], ("met", "2026-03-16")),
        (ClockKind.ARE, [ReceiptSent(at("2026-03-17"), Receipt.ARE)], ("met-late", "2026-03-16")),
        (ClockKind.ARE, [Transferred(at("2026-03-10"), "Métropole")], None),
        (ClockKind.ARE, [Transferred(at("2026-03-20"), "Métropole")], ("not-met", "2026-03-16")),
        (ClockKind.FIRST_ANSWER, [Answered(at("2026-03-09"))], ("met", "2026-03-09")),
        (ClockKind.FIRST_ANSWER, [Answered(at("2026-03-20"))], ("met-late", "2026-03-09")),
        (ClockKind.FIRST_ANSWER, [Closed(at("2026-03-05"))], None),
        (ClockKind.FIRST_ANSWER, [Closed(at("2026-03-12")), Answered(at("2026-03-20"))], ("not-met", "2026-03-09")),
        (ClockKind.CLOSING, [Closed(at("2026-03-05"))], ("met", "2026-03-05")),
        (ClockKind.CLOSING, [Closed(at("2026-05-05"))], ("met-late", "2026-03-30")),
        (ClockKind.SILENCE, [], ("rejected", "2026-05-02")),
        (ClockKind.SILENCE, [DecisionTaken(at("2026-04-01"))], ("rejected", "2026-05-02")),
        (
            ClockKind.SILENCE,
            [DecisionTaken(at("2026-04-01")), DecisionNotified(at("2026-04-03"))],
            ("met", "2026-04-03"),
        ),
        (
            ClockKind.SILENCE,
            [DecisionTaken(at("2026-04-01")), DecisionNotified(at("2026-06-03"))],
            ("rejected", "2026-05-02"),
        ),
        (ClockKind.SILENCE, [Transferred(at("2026-03-10"), "Métropole")], None),
    ],
)
def test_each_way_of_ending(kind: ClockKind, facts: list[LegalFact], expected: tuple[str, str] | None) -> None:
    assert outcome(kind, *facts) == expected


def test_a_silence_that_accepts() -> None:
    assert outcome(ClockKind.SILENCE, procedure="terrace") == (Outcome.ACCEPTED, "2026-05-02")


def test_what_is_withdrawn_ended_nothing() -> None:
    closed = Closed(at("2026-03-05"))
    assert outcome(ClockKind.CLOSING, closed, Withdrawn(at("2026-03-06"), closed)) == ("not-met", "2026-03-30")
