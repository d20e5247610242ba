"""R4 (docs/law.md 20): of a silence that nobody confirmed nothing is said, and never that it accepts."""

import pytest

from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import Nature, ProcedureConfirmed, Qualified, Received
from guichet.law.clocks.rules import SilenceMeans
from shared.tests.law.clocks.cases import a_case, asked, at, clock, kinds, on, seen

RECEIVED = "2026-01-05"


@pytest.mark.parametrize(
    ("procedure", "doubts"),
    [
        ("unsure", (Doubt.TO_BE_CONFIRMED,)),
        ("undeclared", (Doubt.TO_BE_CONFIRMED,)),
        ("not-in-the-catalogue", (Doubt.UNKNOWN_PROCEDURE,)),
        ("quiet", ()),
        ("pothole", ()),
    ],
)
@pytest.mark.parametrize("as_of", [RECEIVED, "2026-09-01"])
def test_r4_nothing_is_said_where_nothing_is_confirmed(procedure: str, doubts: tuple[Doubt, ...], as_of: str) -> None:
    found = seen(a_case(procedure, RECEIVED, asked("2026-01-07", "2026-02-01", "plan")), as_of)
    assert ClockKind.SILENCE not in kinds(found)
    assert all(each.means is None for each in found.clocks)
    assert found.doubts == doubts


def test_r4_without_a_procedure_a_person_looks() -> None:
    assert seen([Received(at(RECEIVED))], "2026-09-01").doubts == (Doubt.NO_PROCEDURE,)


def test_r4_two_procedures_at_one_moment_are_none() -> None:
    case = [*a_case("terrace", RECEIVED), ProcedureConfirmed(at(RECEIVED, 1), "flat")]
    assert seen(case, "2026-09-01").doubts == (Doubt.TWO_PROCEDURES,)
    assert ClockKind.SILENCE not in kinds(seen(case, "2026-09-01"))


@pytest.mark.parametrize("nature", [Nature.ANONYMOUS, Nature.THREATENING, Nature.INFORMATION])
def test_r4_anonymous_and_threatening_messages_have_no_silence(nature: Nature) -> None:
    found = seen(a_case("terrace", RECEIVED, Qualified(at("2026-01-06"), nature)), "2026-09-01")
    assert ClockKind.SILENCE not in kinds(found)
    assert found.doubts == ()


@pytest.mark.parametrize("nature", [Nature.COMPLAINT, Nature.APPEAL])
def test_r4_silence_never_accepts_a_complaint(nature: Nature) -> None:
    case = a_case("terrace", RECEIVED, Qualified(at("2026-01-06"), nature))
    found = clock(case, ClockKind.SILENCE, "2026-09-01")
    assert (found.means, found.ended, found.basis.source) == (SilenceMeans.REJECTS, on("2026-03-05"), "CRPA L231-4")


def test_r4_what_was_said_last_counts_and_what_contradicts_itself_does_not() -> None:
    anonymous, request = Qualified(at("2026-01-06"), Nature.ANONYMOUS), Qualified(at("2026-01-07"), Nature.REQUEST)
    assert clock(a_case("terrace", RECEIVED, request, anonymous), ClockKind.SILENCE, "2026-02-01")
    both = seen(a_case("terrace", RECEIVED, request, Qualified(at("2026-01-07"), Nature.APPEAL)), "2026-02-01")
    assert both.doubts == (Doubt.TWO_NATURES,)


def test_r4_a_procedure_that_is_changed_after_silence_decided_is_looked_at() -> None:
    change = ProcedureConfirmed(at("2026-04-01"), "flat")
    changed = seen(a_case("terrace", RECEIVED, change), "2026-04-01")
    assert changed.doubts == (Doubt.DECIDED_BEFORE,)
    in_time = seen(a_case("terrace", RECEIVED, ProcedureConfirmed(at("2026-03-01"), "flat")), "2026-04-01")
    assert in_time.doubts == ()
