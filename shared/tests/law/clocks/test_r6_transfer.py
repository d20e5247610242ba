"""R6 (docs/law.md 16): a transfer stops our clocks, the competent one acknowledges; within the town nothing is reset."""

from datetime import date

import pytest

from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.facts import (
    Receipt,
    ReceiptSent,
    Received,
    ReRouted,
    TransferAnnounced,
    Transferred,
)
from guichet.law.clocks.sentences import sentence_of
from shared.tests.law.clocks.cases import a_case, asked, at, clock, on, seen

RECEIVED = "2026-01-05"
METROPOLE = Transferred(at("2026-01-08"), "Métropole du Pré")


def test_r6_a_transfer_stops_the_clocks_that_run() -> None:
    case = a_case("terrace", RECEIVED, ReceiptSent(at("2026-01-05", 1), Receipt.AEE), METROPOLE)
    stopped = {each.kind: each for each in seen(case, "2026-09-01").clocks}
    for kind in (ClockKind.ARE, ClockKind.SILENCE, ClockKind.CLOSING):
        assert (stopped[kind].state, stopped[kind].ended) == (ClockState.STOPPED, on("2026-01-08")), kind
    assert stopped[ClockKind.AEE].state is ClockState.MET
    assert stopped[ClockKind.ARE].basis.follows is Follows.COMPETENT_ONE


def test_r6_a_rejection_runs_on_from_our_receipt_and_is_no_duty_of_ours() -> None:
    case = a_case("flat", RECEIVED, METROPOLE)
    silence = clock(case, ClockKind.SILENCE, "2026-03-05")
    assert (silence.state, silence.began, silence.due) == (ClockState.RUNNING, on(RECEIVED), on("2026-03-05"))
    assert "transmise à Métropole du Pré" in sentence_of(silence.basis).fr
    assert silence not in [seen(case, "2026-03-05").next_due, *seen(case, "2026-03-05").overdue]
    assert clock(case, ClockKind.SILENCE, "2026-03-06").ended == on("2026-03-05")


def test_r6_our_work_waits_for_no_piece_of_what_was_passed_on() -> None:
    case = a_case("flat", RECEIVED, asked("2026-01-07", "2026-02-07", "plan"))
    assert seen(case, "2026-01-09").work_waits
    assert not seen([*case, METROPOLE], "2026-01-09").work_waits


def test_r6_a_transfer_that_nobody_announced_is_looked_at() -> None:
    case = a_case("flat", RECEIVED, METROPOLE)
    assert seen(case, "2026-01-09").doubts == ("not-announced",)
    assert seen([*case, TransferAnnounced(at("2026-01-09"))], "2026-01-09").doubts == ()


def test_r6_what_was_late_before_it_was_passed_on_stays_late() -> None:
    late = clock(a_case("flat", RECEIVED, METROPOLE), ClockKind.AEE, "2026-01-20")
    assert (late.state, late.ended, late.is_open) == (ClockState.LATE, on("2026-01-08"), False)


def test_r6_the_person_is_told_and_the_other_administration_named() -> None:
    case = a_case("flat", RECEIVED, METROPOLE)
    waiting = clock(case, ClockKind.TRANSFER, "2026-01-09")
    assert (waiting.state, waiting.due) == (ClockState.RUNNING, None)
    assert "Métropole du Pré" in sentence_of(waiting.basis).fr
    told = clock([*case, TransferAnnounced(at("2026-01-10"))], ClockKind.TRANSFER, "2026-01-20")
    assert (told.state, told.ended) == (ClockState.MET, on("2026-01-10"))


@pytest.mark.parametrize(("procedure", "began"), [("flat", date(2025, 12, 20)), ("terrace", date(2026, 1, 5))])
def test_r6_what_another_passed_on_rejects_from_its_receipt_and_accepts_from_ours(procedure: str, began: date) -> None:
    [_, confirmed] = a_case(procedure, RECEIVED)
    case = [Received(at(RECEIVED), elsewhere_on=date(2025, 12, 20)), confirmed]
    assert clock(case, ClockKind.SILENCE, RECEIVED).began == began
    assert clock(case, ClockKind.ARE, RECEIVED).began == on(RECEIVED), "the receipt runs from the competent one's"


@pytest.mark.parametrize("procedure", ["terrace", "flat", "document", "unsure"])
@pytest.mark.parametrize("as_of", ["2026-01-09", "2026-02-10", "2026-09-01"])
def test_r6_another_department_of_the_town_resets_nothing(procedure: str, as_of: str) -> None:
    case = a_case(procedure, RECEIVED, asked("2026-01-07", "2026-02-07", "plan"))
    moved = [*case, ReRouted(at("2026-01-08")), ReRouted(at("2026-01-30")), ReRouted(at("2026-03-04"))]
    now, before = seen(moved, as_of), seen(case, as_of)
    assert (now.clocks, now.doubts) == (before.clocks, before.doubts)
