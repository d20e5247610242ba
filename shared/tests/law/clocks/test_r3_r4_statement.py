"""R3, R4: what an acknowledgement says of silence is what the law's clocks say, of a confirmed rule, or nothing."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.clocks.case_clocks import case_clocks, first_receipt
from guichet.law.clocks.clock import ClockKind, ClockState
from guichet.law.clocks.facts import (
    AbuseDeclared,
    DecisionNotified,
    DecisionTaken,
    LegalFact,
    Nature,
    ProcedureConfirmed,
    Qualified,
    Received,
    Saisine,
    Transferred,
)
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import SilenceMeans, TownRules
from guichet.law.clocks.silence import SilenceFound, find_silence
from guichet.law.clocks.silence_rule import silence_of
from guichet.law.clocks.statement import Statement, full_statement
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, a_case, asked, at, on

RECEIVED = "2026-01-05"
MANY = settings(max_examples=400)
SEEDS = st.integers(0, 2**32)


def said(facts: list[LegalFact], as_of: str = "2026-01-12") -> Statement | None:
    return full_statement(facts, FRANCE, on(as_of))


@MANY
@given(SEEDS)
def test_r3_the_day_and_the_meaning_are_those_of_the_silence(seed: int) -> None:
    """docs/law.md 11."""
    facts, town, as_of = any_history(Random(seed))
    statement = full_statement(facts, town, as_of)
    if statement is None:
        return
    silence = _silence(facts, town, as_of)
    assert silence.doubts == ()
    if statement.means is None:
        assert statement.decides_on is None
        assert statement.is_over or silence.clock is None
    else:
        assert silence.clock is not None
        assert (statement.means, statement.decides_on) == (silence.clock.means, silence.clock.due)
        assert statement.decides_on is not None
        assert statement.decides_on >= as_of, "never a day that is over"


@MANY
@given(SEEDS)
def test_r4_no_statement_is_by_a_rule_that_nobody_confirmed(seed: int) -> None:
    """docs/law.md 20."""
    facts, town, as_of = any_history(Random(seed))
    statement = full_statement(facts, town, as_of)
    if statement is None or statement.means is None:
        return
    history = KnownFacts(facts, as_of)
    received = first_receipt(history)
    assert received is not None
    version = silence_of(history, received, town).version
    assert version is not None
    assert version.rule.source is not None
    assert version.rule.means is statement.means
    if statement.means is SilenceMeans.ACCEPTS:
        confirmed = history.latest(ProcedureConfirmed)
        assert confirmed is not None
        procedure = town.procedure(confirmed.procedure, received.on)
        assert procedure is not None
        assert procedure.rule.is_request
        assert procedure.rule.silence == version.rule
        nature = history.latest(Qualified)
        assert nature is None or nature.nature is Nature.REQUEST


@MANY
@given(SEEDS)
def test_r3_nothing_is_stated_where_no_acknowledgement_is_owed_any_more(seed: int) -> None:
    """docs/law.md 13, 16."""
    facts, town, as_of = any_history(Random(seed))
    statement = full_statement(facts, town, as_of)
    are = [each for each in case_clocks(facts, town, as_of).clocks if each.kind is ClockKind.ARE]
    if statement is not None and are and are[0].state is ClockState.STOPPED:
        assert statement == Statement(is_over=True)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([Received(at(RECEIVED))], None),
        ([Received(at(RECEIVED)), Qualified(at(RECEIVED), Nature.REQUEST)], None),
        ([Received(at(RECEIVED), Saisine.CONTACT_ONLY)], None),
        ([Received(at(RECEIVED)), Qualified(at(RECEIVED), Nature.INFORMATION)], Statement()),
        (
            [Received(at(RECEIVED)), Qualified(at(RECEIVED), Nature.APPEAL)],
            Statement(SilenceMeans.REJECTS, on("2026-03-05")),
        ),
        (a_case("terrace", RECEIVED), Statement(SilenceMeans.ACCEPTS, on("2026-03-05"))),
        (a_case("flat", RECEIVED), Statement(SilenceMeans.REJECTS, on("2026-03-05"))),
        (a_case("document", RECEIVED), Statement(SilenceMeans.REJECTS, on("2026-02-05"))),
        (a_case("unsure", RECEIVED), None),
        (a_case("undeclared", RECEIVED), None),
        (a_case("unheard of", RECEIVED), None),
        (a_case("quiet", RECEIVED), Statement()),
        (a_case("pothole", RECEIVED), Statement()),
        (a_case("terrace", RECEIVED, asked("2026-01-06", "2026-02-06", "plan")), None),
        (a_case("terrace", RECEIVED, Transferred(at("2026-01-06"), "Métropole")), Statement(is_over=True)),
        (a_case("flat", RECEIVED, Transferred(at("2026-01-06"), "Métropole")), Statement(is_over=True)),
        (a_case("flat", RECEIVED, AbuseDeclared(at("2026-01-06"))), Statement(is_over=True)),
        (
            a_case("flat", RECEIVED, DecisionTaken(at("2026-01-06")), DecisionNotified(at("2026-01-07"))),
            Statement(is_over=True),
        ),
    ],
)
def test_r3_what_is_stated_of_whom(facts: list[LegalFact], expected: Statement | None) -> None:
    """docs/law.md 11, 20, 67: that it is a request says nothing of its silence."""
    assert said(facts) == expected


def test_r3_once_silence_has_decided_a_person_says_so_and_no_receipt() -> None:
    case = a_case("terrace", RECEIVED)
    assert said(case, "2026-03-05") == Statement(SilenceMeans.ACCEPTS, on("2026-03-05"))
    assert said(case, "2026-03-06") is None


def _silence(facts: list[LegalFact], town: TownRules, as_of: date) -> SilenceFound:
    history = KnownFacts(facts, as_of)
    received = first_receipt(history)
    assert received is not None
    return find_silence(history, received, town)
