"""When a department is open, as organisation.yaml says it: by the clock of Paris, never on a public holiday."""

import re
from datetime import date, datetime, time
from itertools import pairwise
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator

from guichet.law.calendar import PARIS, WorkingDays, paris_date
from guichet.town.values import TownModel

_SPAN: Final = re.compile(r"(\d{1,2}):(\d\d) ?- ?(\d{1,2}):(\d\d)")


class Span(NamedTuple):
    """From when to when on one day; `closes` itself is no longer open."""

    opens: time
    closes: time


def _read_spans(value: object) -> object:
    """Return the spans of a day, written like “8:30-12:00, 13:30-17:30”."""
    if not isinstance(value, str):
        return value
    spans = [_read_span(each.strip()) for each in value.split(",")]
    if any(later.opens <= earlier.closes for earlier, later in pairwise(spans)):
        raise ValueError(f"{value!r}: each opening begins after the one before it has ended.")
    return tuple(spans)


def _read_span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        span = Span(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))
    except ValueError as exc:
        raise ValueError(f"{text!r} is not an opening; write it like “8:30-12:00”.") from exc
    if span.opens >= span.closes:
        raise ValueError(f"{text!r} ends before it begins.")
    return span


Spans = Annotated[tuple[Span, ...], BeforeValidator(_read_spans)]


class OpeningHours(TownModel):
    """A department's week. A day that is not named is closed."""

    monday: Spans = ()
    tuesday: Spans = ()
    wednesday: Spans = ()
    thursday: Spans = ()
    friday: Spans = ()
    saturday: Spans = ()
    sunday: Spans = ()

    def on(self, day: date, calendar: WorkingDays) -> tuple[Span, ...]:
        """Return when it is open on a day."""
        week = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return () if calendar.is_holiday(day) else week[day.weekday()]

    def is_open(self, at: datetime, calendar: WorkingDays) -> bool:
        """Say whether it is open at an instant."""
        clock = at.astimezone(PARIS).time()
        return any(span.opens <= clock < span.closes for span in self.on(paris_date(at), calendar))

    def is_open_throughout(self, begins: datetime, ends: datetime, calendar: WorkingDays) -> bool:
        """Say whether it is open all the while: whether one opening holds all of it."""
        day, end = paris_date(begins), ends.astimezone(PARIS)
        first, last = begins.astimezone(PARIS).time(), end.time()
        spans = self.on(day, calendar) if end.date() == day else ()
        return any(span.opens <= first and last <= span.closes for span in spans)
