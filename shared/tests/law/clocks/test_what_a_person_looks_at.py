"""What facts leave open or contradict is said to a person, and never silently a clock (docs/law.md 16, 20–23, 27, 33, 62)."""

from dataclasses import replace
from datetime import date

import pytest

from guichet.law.clocks.clock import ClockKind, ClockState
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.facts import (
    AbuseDeclared,
    DecisionNotified,
    DecisionTaken,
    Nature,
    PieceArrived,
    PriorityGiven,
    PriorRemedy,
    ProcedureConfirmed,
    Qualified,
    Receipt,
    ReceiptSent,
    Received,
    RightsAnswered,
    RightsExtended,
    RightsRequested,
    Saisine,
    TransferAnnounced,
    Transferred,
)
from guichet.law.clocks.in_force import always
from guichet.law.clocks.pieces import PieceLetter, rejection_decides_on
from guichet.law.clocks.rules import SilenceMeans
from shared.tests.law.clocks.cases import FRANCE, PROCEDURES, REMEDY, a_case, asked, at, clock, kinds, on, seen

RECEIVED = "2026-01-05"


def test_a_seizing_that_follows_what_seizes_nobody_begins_the_clocks() -> None:
    case = [Received(at("2026-01-02"), Saisine.CONTACT_ONLY), *a_case("flat", RECEIVED)]
    assert clock(case, ClockKind.ARE, "2026-01-06").due == on("2026-01-19")
    assert clock(case, ClockKind.SILENCE, "2026-01-06").due == on("2026-03-05")


@pytest.mark.parametrize("nature", [Nature.COMPLAINT, Nature.ANONYMOUS, Nature.INFORMATION])
def test_another_nature_after_silence_accepted_is_looked_at(nature: Nature) -> None:
    later = a_case("terrace", RECEIVED, Qualified(at("2026-04-01"), nature))
    assert seen(later, "2026-04-01").doubts == ("decided-before",)
    in_time = a_case("terrace", RECEIVED, Qualified(at("2026-03-01"), nature))
    assert seen(in_time, "2026-04-01").doubts == ()


@pytest.mark.parametrize(("changed", "doubts"), [("2026-03-05", ()), ("2026-03-06", ("decided-before",))])
def test_a_change_on_the_day_after_silence_decided_is_one_day_too_late(changed: str, doubts: tuple[str, ...]) -> None:
    case = a_case("terrace", RECEIVED, ProcedureConfirmed(at(changed), "flat"))
    assert seen(case, "2026-04-01").doubts == doubts


@pytest.mark.parametrize(
    ("procedure", "kind", "facts"),
    [
        ("terrace", ClockKind.SILENCE, [DecisionTaken(at("2025-02-01")), DecisionNotified(at("2025-02-02"))]),
        ("terrace", ClockKind.SILENCE, [Transferred(at("2025-02-01"), "Métropole")]),
        ("terrace", ClockKind.SILENCE, [asked("2025-02-01", "2025-03-01", "plan")]),
        ("flat", ClockKind.ARE, [ReceiptSent(at("2025-01-06"), Receipt.ARE)]),
        ("flat", ClockKind.ARE, [AbuseDeclared(at("2024-01-06"))]),
        ("flat", ClockKind.CLOSING, [Transferred(at("2025-01-06"), "Métropole")]),
    ],
)
def test_what_is_dated_before_receipt_touches_no_clock(procedure: str, kind: ClockKind, facts: list[object]) -> None:
    without = a_case(procedure, RECEIVED)
    mistyped = [*without, *facts]
    assert clock(mistyped, kind, "2026-01-10") == clock(without, kind, "2026-01-10")  # type: ignore[arg-type]
    assert "dated-before-receipt" in seen(mistyped, "2026-01-10").doubts  # type: ignore[arg-type]


def test_of_one_day_the_moment_tells_what_came_first() -> None:
    letter = replace(asked("2026-01-15", "2026-02-14", "plan"), at=at("2026-01-15", 14))
    held = a_case("terrace", RECEIVED, PieceArrived(at("2026-01-15", 9), "plan"), letter)
    assert clock(held, ClockKind.SILENCE, "2026-01-16").due == on("2026-03-05")
    assert seen(held, "2026-01-16").doubts == ("held-already",)
    other = a_case("flat", RECEIVED, DecisionNotified(at("2026-01-15", 9)), DecisionTaken(at("2026-01-15", 14)))
    assert clock(other, ClockKind.SILENCE, "2026-01-16").state is ClockState.RUNNING
    decision = [DecisionTaken(at("2026-03-10", 14)), DecisionNotified(at("2026-03-10", 15))]
    remedy = a_case("flat", RECEIVED, PriorRemedy(at("2026-03-10", 9)), *decision)
    assert clock(remedy, ClockKind.PRIOR_REMEDY, "2026-03-11").state is ClockState.STOPPED
    again = [RightsAnswered(at("2026-01-15", 9)), RightsRequested(at("2026-01-15", 14))]
    assert clock(again, ClockKind.RIGHTS_REQUEST, "2026-01-16").state is ClockState.RUNNING


@pytest.mark.parametrize(
    "before",
    [
        [],
        [DecisionTaken(at("2026-02-01")), DecisionNotified(at("2026-02-02"))],
        [Transferred(at("2026-02-02"), "Métropole"), TransferAnnounced(at("2026-02-02"))],
    ],
    ids=["silence", "decision", "transfer"],
)
@pytest.mark.parametrize("procedure", ["terrace", "flat"])
def test_a_letter_that_comes_too_late_waits_for_nothing_and_is_looked_at(procedure: str, before: list[object]) -> None:
    case = [*a_case(procedure, RECEIVED), *before, asked("2026-03-06", "2026-04-06", "plan")]
    found = seen(case, "2026-03-10")  # type: ignore[arg-type]
    [letter] = [each for each in found.clocks if each.kind is ClockKind.MISSING_PIECES]
    assert (letter.basis.follows, letter.ended, found.work_waits) == ("pieces-alone", None, False)
    assert found.doubts == ("letter-too-late",)


def test_a_decision_is_taken_and_notified_or_looked_at() -> None:
    assert seen(a_case("flat", RECEIVED, DecisionNotified(at("2026-02-01"))), "2026-02-02").doubts == (
        "notified-alone",
    )


def test_a_remedy_that_nobody_confirmed_is_looked_at() -> None:
    unsure = replace(PROCEDURES["flat"], remedy=replace(REMEDY, source=None))
    town = replace(FRANCE, procedures={"flat": always(unsure)})
    found = seen(a_case("flat", RECEIVED, PriorRemedy(at("2026-03-10"))), "2026-03-11", town)
    assert (ClockKind.PRIOR_REMEDY in kinds(found), found.doubts) == (False, ("remedy-to-be-confirmed",))


@pytest.mark.parametrize("procedure", ["pothole", "quiet"])
def test_silence_rejects_an_appeal_though_the_procedure_asks_for_no_decision(procedure: str) -> None:
    """docs/law.md 20."""
    case = a_case(procedure, RECEIVED, Qualified(at("2026-01-06"), Nature.APPEAL))
    found = clock(case, ClockKind.SILENCE, "2026-01-07")
    assert (found.means, found.due, found.basis.source) == (SilenceMeans.REJECTS, on("2026-03-05"), "CRPA L231-4")


def test_a_priority_without_targets_and_two_at_once_are_looked_at() -> None:
    unknown, urgent = (PriorityGiven(at("2026-01-06"), name) for name in ("unheard of", "urgent"))
    assert seen(a_case("flat", RECEIVED, unknown), "2026-01-07").doubts == ("unknown-priority",)
    assert seen(a_case("flat", RECEIVED, unknown, urgent), "2026-01-07").doubts == ("two-priorities",)


def test_a_piece_that_no_letter_asked_for_is_looked_at() -> None:
    letter = asked("2026-01-15", "2026-02-14", "plan")
    case = a_case("terrace", RECEIVED, letter, PieceArrived(at("2026-01-20"), "plans"))
    assert seen(case, "2026-01-21").doubts == ("piece-not-asked-for",)
    enclosed = a_case("terrace", RECEIVED, PieceArrived(at(RECEIVED, 2), "photo"), letter)
    assert seen(enclosed, "2026-01-21").doubts == (), "it came with the request"


def test_an_extension_extends_the_request_that_it_names_or_the_only_open_one() -> None:
    case = [RightsRequested(at(day)) for day in ("2026-01-05", "2026-01-12")]
    told = seen([*case, RightsExtended(at("2026-01-20"), on("2026-01-12"))], "2026-01-21")
    assert [each.due for each in told.clocks] == [on("2026-02-05"), on("2026-04-13")]
    assert [each.of for each in told.clocks] == [at("2026-01-05"), at("2026-01-12")]
    unsaid = seen([*case, RightsExtended(at("2026-01-20"))], "2026-01-21")
    assert [each.due for each in unsaid.clocks] == [on("2026-02-05"), on("2026-02-12")]
    assert "which-rights-request" in unsaid.doubts
    answered = [case[0], RightsAnswered(at("2026-01-06")), case[1], RightsExtended(at("2026-01-20"))]
    assert [each.due for each in seen(answered, "2026-01-21").clocks] == [on("2026-02-05"), on("2026-04-13")]


def test_two_requests_of_one_day_are_two_clocks() -> None:
    case = [RightsRequested(at("2026-01-05", hour)) for hour in (9, 14)]
    assert len({*seen(case, "2026-01-06").clocks}) == 2


def test_without_a_receipt_that_is_what_is_said() -> None:
    assert seen(a_case("flat", RECEIVED), "2026-01-04").doubts == ("no-receipt",)


def test_what_is_overdue_is_not_what_is_due_next_and_the_law_comes_first() -> None:
    found = seen(a_case("flat", RECEIVED), "2026-01-20")
    assert [each.kind for each in found.overdue] == [ClockKind.AEE, ClockKind.ARE, ClockKind.FIRST_ANSWER]
    assert found.next_due is not None
    assert found.next_due.kind is ClockKind.CLOSING


def test_a_row_is_reckoned_anew_when_a_fact_that_is_dated_ahead_begins_to_count() -> None:
    case = a_case("flat", RECEIVED, DecisionTaken(at("2026-01-06")), DecisionNotified(at("2026-01-07")))
    assert seen(case, "2026-01-05").changes_on == on("2026-01-06")


def test_many_letters_cost_little_and_a_day_counts_once() -> None:
    """Each asks anew for what lacks: a span of twenty years, in one pass."""
    letters = [PieceLetter(at(day), day, date(2046, 1, 1), None, waits=False) for day in (date(2026, 1, 6),) * 20_000]
    days = (date(2046, 1, 1) - date(2026, 1, 6)).days
    delayed = rejection_decides_on(on(RECEIVED), Delay(2), letters)
    assert (delayed - on("2026-03-05")).days == days
