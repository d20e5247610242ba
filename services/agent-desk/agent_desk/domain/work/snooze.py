"""The form that puts a case off until a day, and takes it up again. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.typed_day import typed_day
from guichet.law.calendar import start_of_day

NOW: Final = "-"  # as a form says that the case is taken up again
LONGEST: Final = timedelta(days=365)


def snooze_input(form: Mapping[str, str], today: date) -> FormInput:
    """Return what the form says. today: of Paris."""
    until = form.get("until", "")
    is_sound = until == NOW or comes_back_on(until, today) is not None
    errors = () if is_sound else ("until-missing",)
    return FormInput(once_of(form), shown=shown_of(form), until=until, errors=errors)


def comes_back_on(said: str, today: date) -> date | None:
    """Return the day that was said; None: it is none, or none on which a case may come back. today: of Paris."""
    day = typed_day(said)
    return day if day is not None and today < day <= today + LONGEST else None


def until_of(typed: FormInput) -> datetime | None:
    """Return when a sound form brings the case back: as its day begins in Paris. None: now."""
    day = typed_day(typed.until)
    return None if day is None else start_of_day(day)
