"""The two receipts (docs/law.md 7, 8, 13, 18)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.facts import AbuseDeclared, QuestionAsked, Receipt, ReceiptSent, Received, Saisine
from guichet.law.territories import Territory
from shared.tests.law.clocks.cases import FRANCE, a_case, at, clock, kinds, on, seen
from shared.tests.law.test_calendar import GOLDEN

ALSACE_MOSELLE = replace(FRANCE, working_days=WorkingDays(Territory.ALSACE_MOSELLE))


@pytest.mark.parametrize(("received", "aee", "are", "are_alsace", "silence"), GOLDEN)
def test_r2_the_golden_vectors_of_the_law(received: str, aee: str, are: str, are_alsace: str, silence: str) -> None:
    """R2 (docs/law.md 8, 14). docs/law.md 18."""
    case = a_case("flat", received)
    for kind, due in ((ClockKind.AEE, aee), (ClockKind.ARE, are), (ClockKind.SILENCE, silence)):
        found = clock(case, kind, received)
        assert (found.state, found.began, found.due) == (ClockState.RUNNING, on(received), on(due))
    assert clock(case, ClockKind.ARE, received, ALSACE_MOSELLE).due == on(are_alsace)
    assert clock(case, ClockKind.SILENCE, received, ALSACE_MOSELLE).due == on(silence)


def test_half_past_eleven_at_night_utc_is_the_next_day_in_paris() -> None:
    received = Received(datetime(2026, 4, 30, 23, 30, tzinfo=UTC))
    assert clock([received], ClockKind.AEE, "2026-05-01").began == on("2026-05-01")
    assert kinds(seen([received], "2026-04-30")) == [], "nothing is known of it yet"


def test_a_receipt_is_late_when_its_last_day_is_over() -> None:
    case = a_case("flat", "2026-04-30")
    assert clock(case, ClockKind.AEE, "2026-05-04").state is ClockState.RUNNING
    late = clock(case, ClockKind.AEE, "2026-05-05")
    assert (late.state, late.ended, late.is_open) == (ClockState.LATE, None, True)
    sent = clock([*case, ReceiptSent(at("2026-05-06"), Receipt.AEE)], ClockKind.AEE, "2026-05-06")
    assert (sent.state, sent.ended, sent.is_open) == (ClockState.LATE, on("2026-05-06"), False)


def test_an_acknowledgement_at_once_makes_the_registration_receipt_needless() -> None:
    case = a_case("flat", "2026-04-30", ReceiptSent(at("2026-04-30", 2), Receipt.ARE))
    assert {clock(case, kind, "2026-06-01").state for kind in (ClockKind.AEE, ClockKind.ARE)} == {ClockState.MET}


def test_a_registration_receipt_is_no_acknowledgement_and_a_question_neither() -> None:
    case = a_case("flat", "2026-04-30", ReceiptSent(at("2026-04-30"), Receipt.AEE), QuestionAsked(at("2026-05-01")))
    assert clock(case, ClockKind.ARE, "2026-05-20").state is ClockState.LATE


def test_no_receipt_is_owed_for_abuse_whenever_it_is_said() -> None:
    case = a_case("flat", "2026-04-30", AbuseDeclared(at("2026-06-01")))
    stopped = clock(case, ClockKind.ARE, "2026-06-01")
    assert (stopped.state, stopped.basis.follows) == (ClockState.STOPPED, Follows.ABUSE)
    assert clock(case, ClockKind.SILENCE, "2026-06-01").state is ClockState.RUNNING, "abuse moves receipts alone"


@pytest.mark.parametrize(("saisine", "owed"), [(Saisine.STAMPED, [ClockKind.SILENCE]), (Saisine.CONTACT_ONLY, [])])
def test_what_came_by_hand_or_seizes_nobody_is_owed_none(saisine: Saisine, owed: list[ClockKind]) -> None:
    [_, confirmed] = a_case("flat", "2026-04-30")
    found = kinds(seen([Received(at("2026-04-30"), saisine), confirmed], "2026-05-01"))
    assert [kind for kind in found if kind in {ClockKind.AEE, ClockKind.ARE, ClockKind.SILENCE}] == owed


def test_of_several_receipts_the_first_counts() -> None:
    case = [*a_case("flat", "2026-04-30"), Received(at("2026-05-20"))]
    assert clock(case, ClockKind.ARE, "2026-05-20", FRANCE).due == on("2026-05-19")


def test_a_moment_without_zone_is_no_fact() -> None:
    with pytest.raises(ValueError, match="aware"):
        Received(datetime(2026, 4, 30))  # noqa: DTZ001
