"""Somebody says what a request is in time for its full acknowledgement (docs/law.md 67): ours, and no text's."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.facts import (
    AbuseDeclared,
    Answered,
    Closed,
    LegalFact,
    Nature,
    ProcedureConfirmed,
    Qualified,
    Receipt,
    ReceiptSent,
    Received,
    Saisine,
    Transferred,
    Withdrawn,
)
from guichet.law.clocks.statement import full_statement
from guichet.law.territories import Territory
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, at, clock, kinds, on, seen

RECEIVED, LAST = "2026-01-05", "2026-01-14"
NOW = "2026-01-13"
QUALIFICATION = ClockKind.QUALIFICATION
SEEDS = st.integers(0, 2**32)


def procedure(day: str, name: str = "flat") -> ProcedureConfirmed:
    return ProcedureConfirmed(at(day, 9), name)


def nature(day: str, said: Nature) -> Qualified:
    return Qualified(at(day, 9), said)


@pytest.mark.parametrize(
    ("received", "due", "due_in_alsace"),
    [
        (RECEIVED, LAST, LAST),
        ("2026-04-02", "2026-04-14", "2026-04-15"),  # Easter Monday, and Good Friday
        ("2026-04-30", "2026-05-13", "2026-05-13"),
        ("2026-12-23", "2027-01-05", "2027-01-05"),
    ],
)
def test_it_is_due_on_the_seventh_working_day(received: str, due: str, due_in_alsace: str) -> None:
    alsace = replace(FRANCE, working_days=WorkingDays(Territory.ALSACE_MOSELLE))
    for town, day in ((FRANCE, due), (alsace, due_in_alsace)):
        found = clock([Received(at(received))], QUALIFICATION, received, town)
        assert (found.state, found.began, found.due) == (ClockState.RUNNING, on(received), on(day))
        are = clock([Received(at(received))], ClockKind.ARE, received, town).due
        assert are == town.working_days.after(on(day), 3), "three working days before the acknowledgement"


@pytest.mark.parametrize("saisine", [Saisine.STAMPED, Saisine.CONTACT_ONLY])
def test_what_is_owed_no_acknowledgement_has_none(saisine: Saisine) -> None:
    assert QUALIFICATION not in kinds(seen([Received(at(RECEIVED), saisine)], "2026-03-01"))


@pytest.mark.parametrize(
    ("facts", "ended"),
    [
        ([procedure("2026-01-07")], "2026-01-07"),
        ([procedure("2026-01-02")], RECEIVED),  # a rule of the town's that says it as the message comes
        ([procedure("2026-01-07", "undeclared")], "2026-01-07"),  # the catalogue lacks something, and no agent does
        ([procedure("2026-01-07", "unheard of")], None),
        ([procedure("2026-01-07"), procedure("2026-01-07", "terrace")], None),
        *[([nature("2026-01-07", each)], "2026-01-07") for each in Nature if each is not Nature.REQUEST],
        ([nature("2026-01-07", Nature.REQUEST)], None),
        ([nature("2026-01-07", Nature.REQUEST), procedure("2026-01-09")], "2026-01-09"),
        ([nature("2026-01-06", Nature.INFORMATION), nature("2026-01-07", Nature.REQUEST)], None),
        (
            [nature("2026-01-06", Nature.APPEAL), nature("2026-01-07", Nature.REQUEST), procedure("2026-01-08")],
            "2026-01-08",
        ),
        ([nature("2026-01-06", Nature.APPEAL), procedure("2026-01-09")], "2026-01-06"),
        ([nature("2026-01-06", Nature.APPEAL), procedure("2026-01-07", "unheard of")], None),
        ([nature("2026-01-07", Nature.APPEAL), nature("2026-01-07", Nature.ANONYMOUS)], None),
        ([procedure("2026-01-07"), Withdrawn(at("2026-01-08"), procedure("2026-01-07"))], None),
        (
            [
                procedure("2026-01-07"),
                Withdrawn(at("2026-01-08"), procedure("2026-01-07")),
                procedure("2026-01-09", "terrace"),
            ],
            "2026-01-09",
        ),
        ([ReceiptSent(at("2026-01-06"), Receipt.ARE), Answered(at("2026-01-06")), Closed(at("2026-01-06"))], None),
    ],
)
def test_what_says_what_a_request_is(facts: list[LegalFact], ended: str | None) -> None:
    found = clock([Received(at(RECEIVED)), *facts], QUALIFICATION, NOW)
    expected = (ClockState.RUNNING, None) if ended is None else (ClockState.MET, on(ended))
    assert (found.state, found.ended, found.basis.follows) == (*expected, Follows.QUALIFICATION)


def test_an_acknowledgement_that_left_incomplete_leaves_it_to_be_said() -> None:
    """Else nobody would be told any more of a request whose silence runs unknown."""
    left = [Received(at(RECEIVED)), ReceiptSent(at("2026-01-19"), Receipt.ARE)]
    found = clock(left, QUALIFICATION, "2026-01-20")
    assert (found.state, found.is_duty) == (ClockState.LATE, True)
    assert clock([*left, procedure("2026-02-02")], QUALIFICATION, "2026-02-02").ended == on("2026-02-02")


@pytest.mark.parametrize(
    ("fact", "state", "follows"),
    [
        (Transferred(at("2026-01-12"), "Métropole"), ClockState.STOPPED, Follows.COMPETENT_ONE),
        (AbuseDeclared(at("2026-01-12")), ClockState.STOPPED, Follows.ABUSE),
        (AbuseDeclared(at("2026-02-02")), ClockState.STOPPED, Follows.ABUSE),  # it never was owed
        (Transferred(at("2026-02-02"), "Métropole"), ClockState.LATE, Follows.QUALIFICATION),
    ],
)
def test_where_no_acknowledgement_is_owed_nobody_need_say_it(
    fact: LegalFact, state: ClockState, follows: Follows
) -> None:
    found = clock([Received(at(RECEIVED)), fact], QUALIFICATION, "2026-02-03")
    assert (found.state, found.ended, found.is_open, found.basis.follows) == (state, fact.on, False, follows)


@settings(max_examples=300)
@given(SEEDS)
def test_whatever_silence_a_full_acknowledgement_may_state_somebody_said_what_the_request_is(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    found = {each.kind: each for each in case_clocks(facts, town, as_of).clocks}
    if full_statement(facts, town, as_of) is not None and QUALIFICATION in found:
        assert not found[QUALIFICATION].is_open


@settings(max_examples=300)
@given(SEEDS)
def test_it_ends_where_the_acknowledgement_leaves_three_working_days(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    found = {each.kind: each for each in case_clocks(facts, town, as_of).clocks}
    assert (QUALIFICATION in found) is (ClockKind.ARE in found)
    if QUALIFICATION in found:
        due, are = found[QUALIFICATION].due, found[ClockKind.ARE].due
        assert due is not None
        assert are is not None
        assert (
            sum(town.working_days.is_working(due + timedelta(days=nth)) for nth in range(1, (are - due).days + 1)) == 3
        )
