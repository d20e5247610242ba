"""The form that asks for pieces: which, by when, and what its agent says besides. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from agent_desk.domain.clocks.dated_fact import day_since_receipt
from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk, PieceToAsk
from agent_desk.domain.decisions.asked_mark import AskedMark
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.typed_day import typed_day
from guichet.contracts.legal_facts import PIECES_AT_MOST, FactKind
from guichet.law.clocks.delay import Delay

USUAL_TIME: Final = Delay(1)  # months; a choice of ours, which the agent changes
LONGEST_TIME: Final = timedelta(days=366)
LONGEST_OWN: Final = 5_000  # characters
ANSWERED: Final = "reponse"  # as the form says that it becomes an answer
POSTED: Final = "courrier"  # as the form says that the letter went on paper


def first_input(once: str, shown: str | None, to_ask: PiecesToAsk) -> FormInput:
    """Return the form as it is opened: what a text requires and nobody has asked for is ticked."""
    ticked = tuple(
        each.name for each in to_ask.pieces if each.required_by and not each.is_here and each.asked_until is None
    )
    until = USUAL_TIME.after(to_ask.today).isoformat()
    return FormInput(once, shown=shown, fact=FactInput(FactKind.PIECES_ASKED_FOR, pieces=ticked, until=until))


def pieces_input(form: Mapping[str, Sequence[str]], to_ask: PiecesToAsk) -> FormInput:
    """Return what the form says, in the order of the catalogue.

    errors: "pieces": none, or one that is none of the procedure's, or is here by now; "until": not after the letter,
    or more than a year; "on": of a letter on paper no day since receipt; "own": too long.
    """
    last = {name: values[-1] for name, values in form.items() if values}
    said, offered = {*form.get("piece", ())}, [each.name for each in to_ask.pieces if not each.is_here]
    is_posted = last.get("then") == POSTED
    given = FactInput(
        FactKind.PIECES_ASKED_FOR,
        pieces=tuple(name for name in offered if name in said),
        until=last.get("until", ""),
        on="" if last.get("then") == ANSWERED else last.get("on", ""),
    )
    left_on = day_since_receipt(given.on, to_ask.case, to_ask.today) if is_posted else to_ask.today
    own = last.get("own", "")
    wrong = {
        "pieces": not 0 < len(said) <= PIECES_AT_MOST or bool(said - {*offered}),
        "until": not _gives_time(typed_day(given.until), left_on or to_ask.today),
        "on": left_on is None,
        "own": len(own) > LONGEST_OWN,
    }
    errors = tuple(name for name, is_wrong in wrong.items() if is_wrong)
    return FormInput(once_of(last), shown=shown_of(last), text=own, fact=given, errors=errors)


def _gives_time(until: date | None, left_on: date) -> bool:
    return until is not None and left_on < until <= left_on + LONGEST_TIME


def mark_of(given: FactInput) -> AskedMark:
    """Return what a sound form asks for."""
    until = typed_day(given.until)
    assert until is not None  # the form is sound
    return AskedMark(given.pieces, until)


def asked_of(given: FactInput, to_ask: PiecesToAsk) -> tuple[PieceToAsk, ...]:
    """Return the pieces that a form names."""
    return tuple(each for each in to_ask.pieces if each.name in given.pieces)
