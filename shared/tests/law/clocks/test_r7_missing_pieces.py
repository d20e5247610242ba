"""R7 (docs/law.md 23, 61): acceptance runs from the last piece; rejection is suspended until it comes, or the time ends."""

import pytest

from guichet.law.clocks.clock import ClockKind, ClockState, Follows
from guichet.law.clocks.facts import DecisionNotified, DecisionTaken, PieceArrived, QuestionAsked
from guichet.law.clocks.rules import SilenceMeans
from shared.tests.law.clocks.cases import a_case, asked, at, clock, kinds, on, seen

RECEIVED = "2026-01-05"
ASKED = asked("2026-01-15", "2026-02-14", "plan", "kbis")
CAME = (PieceArrived(at("2026-01-20"), "kbis"), PieceArrived(at("2026-01-25"), "plan"))


def test_r7_acceptance_does_not_begin_before_the_last_piece() -> None:
    case = a_case("terrace", RECEIVED, ASKED, CAME[0])
    lacking = clock(case, ClockKind.SILENCE, "2026-09-01")
    assert (lacking.state, lacking.began, lacking.due) == (ClockState.NOT_BEGUN, None, None)
    whole = clock([*case, CAME[1]], ClockKind.SILENCE, "2026-01-25")
    assert (whole.state, whole.began, whole.due) == (ClockState.RUNNING, on("2026-01-25"), on("2026-03-25"))
    assert whole.basis.follows is Follows.ACCEPTANCE_OF_WHOLE


def test_r7_a_letter_after_silence_accepted_takes_nothing_back() -> None:
    case = a_case("terrace", RECEIVED, asked("2026-03-06", "2026-04-06", "plan"))
    assert clock(case, ClockKind.SILENCE, "2026-03-06").ended == on("2026-03-05")
    on_its_day = a_case("terrace", RECEIVED, asked("2026-03-05", "2026-04-06", "plan"))
    assert clock(on_its_day, ClockKind.SILENCE, "2026-03-06").state is ClockState.NOT_BEGUN, "its day was not over"


def test_r7_rejection_is_suspended_until_the_pieces_come() -> None:
    case = a_case("flat", RECEIVED, ASKED)
    suspended = clock(case, ClockKind.SILENCE, "2026-01-16")
    assert (suspended.state, suspended.due) == (ClockState.SUSPENDED, on("2026-04-04")), "30 days, if none comes"
    resumed = clock([*case, *CAME], ClockKind.SILENCE, "2026-01-25")
    assert (resumed.state, resumed.due) == (ClockState.RUNNING, on("2026-03-15")), "10 days: they came sooner"


def test_r7_rejection_goes_on_when_the_time_given_ends() -> None:
    case = a_case(
        "flat", RECEIVED, ASKED, PieceArrived(at("2026-03-01"), "plan"), PieceArrived(at("2026-03-01"), "kbis")
    )
    assert clock(case, ClockKind.SILENCE, "2026-02-14").state is ClockState.SUSPENDED
    gone_on = clock(case, ClockKind.SILENCE, "2026-02-15")
    assert (gone_on.state, gone_on.due) == (ClockState.RUNNING, on("2026-04-04"))
    assert clock(case, ClockKind.SILENCE, "2026-09-01").ended == on("2026-04-04")


def test_r7_a_day_that_two_letters_suspend_counts_once() -> None:
    twice = a_case("flat", RECEIVED, ASKED, asked("2026-02-04", "2026-02-24", "plan"))
    assert clock(twice, ClockKind.SILENCE, "2026-02-10").due == on("2026-04-14"), "40 days, of which 10 are in both"


def test_r7_a_letter_after_silence_rejected_suspends_nothing() -> None:
    late = a_case("flat", RECEIVED, asked("2026-03-06", "2026-04-06", "plan"))
    assert clock(late, ClockKind.SILENCE, "2026-09-01").ended == on("2026-03-05")


@pytest.mark.parametrize("procedure", ["terrace", "flat"])
@pytest.mark.parametrize(
    "asking",
    [
        QuestionAsked(at("2026-01-15")),
        asked("2026-01-15", "2026-02-14", "photo"),
        asked("2026-01-15", "2026-02-14", "plan", text=None),
        asked("2026-01-15", "2026-02-14", "a piece that the procedure does not name"),
    ],
    ids=["question", "no text requires it", "the letter cites no text", "not of the procedure"],
)
def test_r7_a_question_or_a_piece_that_no_text_requires_moves_no_clock(procedure: str, asking: object) -> None:
    without = a_case(procedure, RECEIVED)
    for as_of in ("2026-01-16", "2026-03-05", "2026-03-06"):
        assert seen([*without, asking], as_of) == seen(without, as_of)  # type: ignore[list-item]


def test_r7_what_is_here_is_not_asked_for_again() -> None:
    """docs/law.md 27."""
    case = a_case(
        "terrace", RECEIVED, PieceArrived(at("2026-01-10"), "plan"), asked("2026-01-15", "2026-02-14", "plan")
    )
    assert clock(case, ClockKind.SILENCE, "2026-01-16").due == on("2026-03-05")


def test_r7_work_goes_on_unless_the_piece_is_indispensable() -> None:
    for piece, waits in (("plan", True), ("kbis", False)):
        case = a_case("flat", RECEIVED, asked("2026-01-15", "2026-02-14", piece))
        assert seen(case, "2026-01-16").work_waits is waits
        assert seen([*case, PieceArrived(at("2026-01-17"), piece)], "2026-01-17").work_waits is False


def test_r7_the_letter_has_a_clock_of_its_own_that_is_nobodys_duty_of_the_towns() -> None:
    found = seen(a_case("flat", RECEIVED, ASKED), "2026-01-16")
    [pieces] = [each for each in found.clocks if each.kind is ClockKind.MISSING_PIECES]
    assert (pieces.state, pieces.began, pieces.due) == (ClockState.RUNNING, on("2026-01-15"), on("2026-02-14"))
    assert pieces.basis.follows is Follows.PIECES_OF_REJECTION
    assert found.next_due is not None
    assert found.next_due.kind is not ClockKind.MISSING_PIECES
    assert clock(a_case("flat", RECEIVED, ASKED, *CAME), ClockKind.MISSING_PIECES, "2026-02-01").ended == on(
        "2026-01-25"
    )
    assert clock(a_case("flat", RECEIVED, ASKED), ClockKind.MISSING_PIECES, "2026-02-15").state is ClockState.LATE


def test_r7_a_decision_ends_a_silence_that_is_suspended_or_not_begun() -> None:
    for procedure in ("terrace", "flat"):
        case = a_case(procedure, RECEIVED, ASKED, DecisionTaken(at("2026-01-18")), DecisionNotified(at("2026-01-19")))
        found = clock(case, ClockKind.SILENCE, "2026-09-01")
        assert (found.state, found.ended) == (ClockState.STOPPED, on("2026-01-19"))


def test_r7_of_an_unconfirmed_silence_the_letter_says_no_effect() -> None:
    found = seen(a_case("unsure", RECEIVED, ASKED), "2026-01-16")
    assert ClockKind.SILENCE not in kinds(found)
    [pieces] = [each for each in found.clocks if each.kind is ClockKind.MISSING_PIECES]
    assert (pieces.basis.follows, pieces.means) == (Follows.PIECES_ALONE, None)
    assert SilenceMeans.ACCEPTS not in {each.means for each in found.clocks}
