"""Facts whose days and order are alike share an answer, and it is their own."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from case_router.domain.alike import alike
from guichet.case.due import reckon
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import CaseClocks, case_clocks
from guichet.law.clocks.facts import LegalFact, Withdrawn
from guichet.law.clocks.statement import full_statement
from shared.tests.law.clocks.any_history import any_history

MANY = settings(max_examples=200, deadline=None)
SEEDS = st.integers(0, 2**32)


def without_moments(found: CaseClocks) -> tuple[object, ...]:
    clocks = [replace(each, of=None) for each in found.clocks]
    days = [paris_date(each.of) if each.of else None for each in found.clocks]
    return found.as_of, clocks, days, found.doubts, found.next_fact_on


@MANY
@given(SEEDS, st.integers(0, 60))
def test_alike_facts_say_the_same_on_every_day(seed: int, later: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    same = alike(facts)
    assert len({*same}) == len({*facts})
    for day in (as_of, as_of + timedelta(days=later)):
        assert reckon(same, town, day) == reckon(facts, town, day)
        assert without_moments(case_clocks(same, town, day)) == without_moments(case_clocks(facts, town, day))
        assert full_statement(same, town, day) == full_statement(facts, town, day)


@MANY
@given(SEEDS, st.integers(1, 3000))
def test_cases_of_a_day_share_an_answer_whatever_the_hour(seed: int, seconds: int) -> None:
    """All moments of some hours later: as long as none falls on another day, and their order is the same."""
    facts, _, _ = any_history(Random(seed))
    moved = [shifted(fact, timedelta(seconds=seconds)) for fact in facts]
    assert alike(moved) == alike(facts) == alike(alike(facts))


def shifted(fact: LegalFact, by: timedelta) -> LegalFact:
    if isinstance(fact, Withdrawn):
        return Withdrawn(fact.at + by, shifted(fact.what, by))
    return replace(fact, at=fact.at + by)


def test_another_day_or_another_order_is_another_answer() -> None:
    facts, _, _ = any_history(Random(1))
    first = min(facts, key=lambda fact: fact.at)
    earlier: Iterable[LegalFact] = [shifted(first, -timedelta(days=1)), *(each for each in facts if each != first)]
    assert alike(earlier) != alike(facts)
