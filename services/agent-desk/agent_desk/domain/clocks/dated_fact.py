"""The forms that say what happened on a day that may be past: a piece came, a right was asked for. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final

from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.typed_day import fault_of_day, typed_day
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.law.calendar import paris_date, start_of_day

DATED_ALONE: Final = (
    FactKind.RIGHTS_REQUESTED,
    FactKind.RIGHTS_EXTENDED,
    FactKind.RIGHTS_ANSWERED,
    FactKind.PRIOR_REMEDY,
)
"""What is said by its day alone, or with the day of what it extends."""


def dated_input(form: Mapping[str, str], case: CaseRecord, rights: Collection[date], today: date) -> FormInput:
    """Return what the form says of one of DATED_ALONE. rights: the days of those that wait. today: of Paris."""
    kind, asked_on = form.get("kind", ""), form.get("asked_on", "")
    is_extension = kind == FactKind.RIGHTS_EXTENDED
    given = FactInput(kind, on=form.get("on", ""), asked_on=asked_on if is_extension else "")
    wrong = {
        "kind": kind not in DATED_ALONE,
        "asked_on": is_extension and typed_day(asked_on) not in rights,
        "on": day_since_receipt(given.on, case, today) is None,
    }
    return FormInput(once_of(form), shown=shown_of(form), fact=given, errors=_named(wrong))


def arrival_input(form: Mapping[str, str], case: CaseRecord, lacking: Collection[str], today: date) -> FormInput:
    """Return what the form says of a piece that came. lacking: those that were asked for, and are not here."""
    given = FactInput(FactKind.PIECE_ARRIVED, form.get("piece", ""), on=form.get("on", ""))
    wrong = {"piece": given.value not in lacking, "on": day_since_receipt(given.on, case, today) is None}
    return FormInput(once_of(form), shown=shown_of(form), fact=given, errors=_named(wrong))


def day_since_receipt(typed: str, case: CaseRecord, today: date) -> date | None:
    """Return the day that was typed; None: it is none, of before the case was received, or to come."""
    return None if fault_of_day(typed, paris_date(case.received_at), today) else typed_day(typed)


def dated_fact(given: FactInput) -> StatedFact:
    """Return what a sound form says happened."""
    day, kind = typed_day(given.on), FactKind(given.kind)
    assert day is not None  # the form is sound
    return StatedFact(event=kind, at=start_of_day(day), asked_on=typed_day(given.asked_on) if given.asked_on else None)


def arrival(given: FactInput, asked_at: datetime | None) -> StatedFact:
    """Return that a piece came, by a sound form.

    asked_at: when its letter left. Of a day that bears both, the letter was first: a piece that was here already would
    not have been asked for.
    """
    day = typed_day(given.on)
    assert day is not None  # the form is sound
    at = start_of_day(day)
    if asked_at is not None and paris_date(asked_at) == day:
        at = asked_at
    return StatedFact(event=FactKind.PIECE_ARRIVED, at=at, piece=given.value)


def _named(wrong: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, is_wrong in wrong.items() if is_wrong)
