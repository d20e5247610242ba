"""The form that says how and when a decision reached the person, with the proof of it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, get_args

from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.express.decision_form import LONGEST_LINE, typed_into
from agent_desk.domain.express.express_input import ExpressInput
from agent_desk.domain.typed_day import fault_of_day, typed_day
from guichet.contracts.legal_facts import Way

WAYS: Final[tuple[Way, ...]] = get_args(Way)
_BY: Final[Mapping[Way, str]] = {
    "electronic": "par voie électronique",
    "posted": "par courrier",
    "handed-over": "en main propre",
}


def notification_input(form: Mapping[str, str], signed_on: date, today: date) -> FormInput:
    """Return what the form says, and what is wrong with it. signed_on: the day of the decision."""
    given = typed_into(form)
    wrong = dict(_wrong_in(given, signed_on, today))
    return FormInput(once_of(form), shown=shown_of(form), express=replace(given, wrong=wrong), errors=tuple(wrong))


def day_of(given: ExpressInput) -> date:
    """Return the day that a sound form says."""
    day = typed_day(given.notified_on)
    assert day is not None
    return day


def proof_in_words(given: ExpressInput) -> str | None:
    """Return the note that keeps the proof of a sound form; None: nothing of it was typed."""
    way = next(each for each in WAYS if each == given.way)
    said = " ".join(given.proof.split())
    day = day_of(given).strftime("%d/%m/%Y")
    return f"Décision notifiée {_BY[way]} le {day}. Preuve\u00a0: {said}" if said else None


def _wrong_in(given: ExpressInput, signed_on: date, today: date) -> Iterator[tuple[str, str]]:
    if given.way not in WAYS:
        yield "way", "missing"
    if (fault := fault_of_day(given.notified_on, signed_on, today)) is not None:
        yield "notified_on", fault
    if given.way == "posted" and not given.proof.strip():
        yield "proof", "missing"
    if len(given.proof) > LONGEST_LINE:
        yield "proof", "too-long"
