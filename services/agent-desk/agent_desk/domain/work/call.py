"""A telephone call about a case: that somebody is to be called back, and what came of calling. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from agent_desk.domain.typed_day import typed_day
from guichet.contracts.calls import CallStep
from guichet.law.calendar import start_of_day

LONGEST: Final = timedelta(days=365)


def call_errors(form: Mapping[str, str], today: date) -> tuple[str, ...]:
    """Return what is wrong with what a note's form says of a call. today: of Paris."""
    call, wanted = form.get("call", ""), form.get("call_on", "").strip()
    if call and call not in set(CallStep):
        return ("call-unknown",)
    if wanted and call != CallStep.ASKED:
        return ("call-not-asked",)  # the day would be lost without a word
    if wanted and not _is_to_come(typed_day(wanted), today):
        return ("call-day-missing",)
    return ()


def wanted_at(call: CallStep | None, call_on: str) -> datetime | None:
    """Return from when on somebody wishes to be called: as the day begins in Paris. None: at once, or nobody does."""
    day = typed_day(call_on) if call is CallStep.ASKED else None
    return None if day is None else start_of_day(day)


def _is_to_come(day: date | None, today: date) -> bool:
    return day is not None and today <= day <= today + LONGEST
