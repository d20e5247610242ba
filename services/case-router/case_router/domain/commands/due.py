"""Cases whose day has come: what the router itself decides then. Pure."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime

from guichet.case.record import CaseRecord
from guichet.contracts.base import Event
from guichet.ids import CaseId, EventId, derive_id


class EndSnooze(Event):
    """A case comes back, on the day until which it was put off. It is on no topic: no person decides it."""

    type: Literal["EndSnooze"] = "EndSnooze"
    case_id: CaseId
    until: AwareDatetime


class LookAgain(Event):
    """A day has come on which the law's clocks of a case stand differently. It is on no topic: no person decides it."""

    type: Literal["LookAgain"] = "LookAgain"
    case_id: CaseId
    day: date


def look_again_at(cases: Iterable[CaseRecord], day: date, at: datetime) -> list[LookAgain]:
    """Return what is to be decided about cases whose clocks change by a day (of Paris), as come_back does."""
    return [
        LookAgain(
            event_id=EventId(derive_id("look-again", case.case_id, day.isoformat(), str(case.version))),
            occurred_at=at,
            case_id=case.case_id,
            day=day,
        )
        for case in cases
    ]


def come_back(cases: Iterable[CaseRecord], at: datetime) -> list[EndSnooze]:
    """Return what is to be decided about cases that are due. Two routers that look at once decide the same, once."""
    return [_ended(case, case.snoozed_until, at) for case in cases if case.snoozed_until is not None]


def _ended(case: CaseRecord, until: datetime, at: datetime) -> EndSnooze:
    cause = EventId(derive_id("end-snooze", case.case_id, until.isoformat(), str(case.version)))
    return EndSnooze(event_id=cause, occurred_at=at, case_id=case.case_id, until=until)
