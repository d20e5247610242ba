"""The form by which an express decision is taken. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any, Final, get_args

from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.express.decision_words import DecisionWords
from agent_desk.domain.express.express_input import ExpressInput
from agent_desk.domain.typed_day import fault_of_day, typed_day
from guichet.contracts.legal_facts import Outcome
from guichet.documents.sheet import Recipient, UnfitAddressError

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
LONGEST_TEXT: Final = 20_000  # characters: of the reasons, and of the remedies
LONGEST_LINE: Final = 200
_TEXTS: Final = ("reasons", "remedies")
_NEEDED: Final = ("subject", "given_name", "surname", "capacity", "place")
_NAMES: Final = tuple(each.name for each in fields(ExpressInput) if each.name != "wrong")


def typed_into(form: Mapping[str, str]) -> ExpressInput:
    """Return what a form says."""
    said: dict[str, Any] = {name: form.get(name, "") for name in _NAMES}
    return ExpressInput(**said)


def decision_input(form: Mapping[str, str], received_on: date, today: date) -> FormInput:
    """Return what the form says that takes a decision, and what is wrong with it. received_on: the request, in law."""
    given = typed_into(form)
    wrong = dict(_wrong_in(given, received_on, today))
    return FormInput(once_of(form), shown=shown_of(form), express=replace(given, wrong=wrong), errors=tuple(wrong))


def words_of(given: ExpressInput) -> DecisionWords:
    """Return the words of a sound form."""
    outcome, day = next(each for each in OUTCOMES if each == given.outcome), typed_day(given.day)
    assert day is not None
    names = (each.name for each in fields(DecisionWords) if each.name not in ("outcome", "day"))
    return DecisionWords(outcome=outcome, day=day, **{name: getattr(given, name) for name in names})


def _wrong_in(given: ExpressInput, received_on: date, today: date) -> Iterator[tuple[str, str]]:
    if given.outcome not in OUTCOMES:
        yield "outcome", "missing"
    for name in _TEXTS:
        text = getattr(given, name)
        if given.outcome != "granted" and not text.strip():
            yield name, "missing"
        elif len(text) > LONGEST_TEXT:
            yield name, "too-long"
    for name in (*_NEEDED, "delegation"):
        text = getattr(given, name)
        if name in _NEEDED and not text.strip():
            yield name, "missing"
        elif len(text) > LONGEST_LINE:
            yield name, "too-long"
    if not is_on_an_envelope(given.recipient):
        yield "recipient", "unfit"
    if (fault := fault_of_day(given.day, received_on, today)) is not None:
        yield "day", fault


def is_on_an_envelope(recipient: str) -> bool:
    """Say whether a recipient stands in an envelope's window."""
    try:
        Recipient(tuple(recipient.strip().splitlines()))
    except UnfitAddressError:
        return False
    return True
