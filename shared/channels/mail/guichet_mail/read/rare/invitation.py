"""Invitations (RFC 5545, RFC 5546): what, when in Paris, where and from whom, in words. By the library icalendar.

The file stays a file, so that an agent may put it into their own calendar.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from icalendar import Calendar, Event, vCalAddress
from icalendar.error import InvalidCalendar

from guichet.channel.text import clean_text
from guichet.errors import PermanentError
from guichet.law.calendar import PARIS
from guichet.town.long_dates import long_date
from guichet.web.local_time import clock_time
from guichet_mail.read.charsets import decode_text
from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.opened import UNOPENED, Opened, Within

MOST_EVENTS: Final = 10
MOST_BYTES: Final = 256 * 1024
_LINE_CHARS: Final = 500
_DESCRIPTION_CHARS: Final = 10_000
_FOLD: Final = re.compile(rb"\r?\n[ \t]")  # by bytes: it may stand within a letter
_ZONE: Final = re.compile(r"BEGIN:VTIMEZONE\r?\n.*?END:VTIMEZONE\r?\n", re.DOTALL | re.IGNORECASE)
_RULE: Final = re.compile(r"^RRULE[^:\n]*:(.*?)\r?$", re.MULTILINE | re.IGNORECASE)
# A rule by which clocks change has some dates a year. What has thousands is tried one by one, from 1601 on.
_CLOCK_RULE: Final = re.compile(r"FREQ=YEARLY(?:;[A-Z]+=[-+\w]{1,16})*", re.IGNORECASE)

_WHAT: Final[Mapping[str, str]] = {
    "CANCEL": "Rendez-vous annulé",
    "REPLY": "Réponse à une invitation",
    "COUNTER": "Autre horaire proposé",
    "PUBLISH": "Rendez-vous",
}
# Outlook and Exchange write into the summary what METHOD says, in the language of who cancels.
_CANCELLED: Final = re.compile(r"(?:annulée?|cancell?ed)\s*:\s*(?=\S)", re.IGNORECASE)
_ANSWERS: Final[Mapping[str, str]] = {"ACCEPTED": "accepte", "DECLINED": "décline", "TENTATIVE": "viendra peut-être"}


def open_invitation(leaf: Leaf, within: Within) -> Opened:
    """Return the words of a calendar's events, none for one without events."""
    try:
        return within.patience.let(lambda: _opened(leaf))
    except PermanentError:
        return UNOPENED


def _opened(leaf: Leaf) -> Opened:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calendars = Calendar.from_ical(_legible(leaf), multiple=True)
        if not calendars:
            return UNOPENED
        texts = (text for calendar in calendars for text in _events(calendar))
        return Opened(text="\n\n".join(texts), letter=_description(calendars))


def _legible(leaf: Leaf) -> str:
    """Return the file as text, without zones that would keep us busy."""
    if len(leaf.content) > MOST_BYTES:
        raise PermanentError("a calendar, and no invitation", reason="limits")
    text = decode_text(_FOLD.sub(b"", leaf.content), leaf.stated.charset)
    return _ZONE.sub(lambda zone: zone[0] if all(map(_CLOCK_RULE.fullmatch, _RULE.findall(zone[0]))) else "", text)


def _events(calendar: Any) -> Iterator[str]:
    method = str(calendar.get("METHOD", "")).upper()
    events = calendar.walk("VEVENT")
    for event in events[:MOST_EVENTS]:
        yield "\n".join(f"{name} : {value}" for name, value in _lines(event, method) if value)
    if len(events) > MOST_EVENTS:
        yield f"… et {len(events) - MOST_EVENTS} autres dates, dans le fichier joint."


def _lines(event: Event, method: str) -> Iterator[tuple[str, str]]:
    summary = _said(event, "SUMMARY")
    summary = _CANCELLED.sub("", summary, count=1) if method == "CANCEL" and _CANCELLED.match(summary) else summary
    yield _WHAT.get(method, "Invitation"), summary or "sans titre"
    yield "Quand", _when(event)
    yield "Se répète", "oui" if "RRULE" in event else ""
    yield "Où", _said(event, "LOCATION")
    yield "De la part de", _person(event.get("ORGANIZER"))
    if method == "REPLY":
        for attendee in _listed(event.get("ATTENDEE"))[:MOST_EVENTS]:
            yield _person(attendee), _ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper(), "")


def _when(event: Event) -> str:
    begin, end, length = (_moment(event, each) for each in ("DTSTART", "DTEND", "DURATION"))
    if not isinstance(begin, date):
        return ""
    if end is None and isinstance(length, timedelta):
        end = begin + length
    if not isinstance(begin, datetime):
        return _days(begin, end)
    zone = str(event["DTSTART"].params.get("TZID", ""))
    unknown = f" (fuseau « {clean_text(zone)[:_LINE_CHARS]} »)" if zone and begin.tzinfo is None else ""
    return _hours(_in_paris(begin), _in_paris(end) if isinstance(end, datetime) else None) + unknown


def _moment(event: Event, name: str) -> date | timedelta | None:
    try:
        moment: date | timedelta | None = getattr(event.get(name), "dt", None)
    except InvalidCalendar:  # as which it keeps what it cannot read
        return None
    return moment


def _days(first: date, after: object) -> str:
    last = after - timedelta(days=1) if isinstance(after, date) else first
    if last <= first:
        return f"{_day(first)}, toute la journée"
    return f"du {_day(first)} au {_day(last)}"


def _day(day: date) -> str:
    return long_date(datetime.combine(day, time(12), PARIS), "fr")


def _hours(begin: datetime, end: datetime | None) -> str:
    day = long_date(begin, "fr")
    if end is None or end <= begin:
        return f"{day} à {clock_time(begin)}"
    if end.date() == begin.date():
        return f"{day}, de {clock_time(begin)} à {clock_time(end)}"
    return f"du {day}, {clock_time(begin)}, au {long_date(end, 'fr')}, {clock_time(end)}"


def _in_paris(at: datetime) -> datetime:
    """Return an instant in Paris; one without a zone is wherever the reader is."""
    return at.replace(tzinfo=PARIS) if at.tzinfo is None else at.astimezone(PARIS)


def _said(event: Event, name: str) -> str:
    value = event.get(name, "")
    return " ".join(clean_text(str(value)).split())[:_LINE_CHARS] if not isinstance(value, list) else ""


def _person(address: object) -> str:
    if not isinstance(address, vCalAddress):
        return ""
    mailbox = re.sub(r"(?i)^mailto:", "", str(address))
    name = str(address.params.get("CN", ""))
    told = f"{name} <{mailbox}>" if name and name != mailbox else mailbox
    return " ".join(clean_text(told).split())[:_LINE_CHARS]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []


def _description(calendars: list[Any]) -> str:
    events = (event for calendar in calendars for event in calendar.walk("VEVENT"))
    described = (str(event.get("DESCRIPTION", "")) for event in events)
    return clean_text(next(filter(None, described), ""))[:_DESCRIPTION_CHARS].replace("\r\n", "\n").strip()
