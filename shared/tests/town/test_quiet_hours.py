"""Quiet hours: read as a clerk writes them, by the clock of Paris, over nights, Sundays and public holidays."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from guichet.law.calendar import PARIS, WorkingDays
from guichet.town.quiet_hours import QUIET_HOURS, QuietHours, QuietHoursText

DAYS = WorkingDays()


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-03-27T08:00", "2026-03-27T08:00"),
        ("2026-03-27T19:59:59", "2026-03-27T19:59:59"),
        ("2026-03-27T20:00", "2026-03-28T08:00"),  # a Saturday is as any day
        ("2026-03-28T21:00", "2026-03-30T08:00"),  # over the Sunday on which the clocks go forward
        ("2026-04-30T23:00", "2026-05-02T08:00"),  # over Labour Day
        ("2026-04-30T07:59", "2026-04-30T08:00"),
        ("2026-12-24T20:30", "2026-12-26T08:00"),
    ],
)
def test_what_is_asked_for_in_them_waits_for_the_morning(at, over):
    assert QUIET_HOURS.over_at(paris(at), DAYS) == paris(over)


@given(
    at=st.integers(0, 20 * 366 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    begins=st.integers(13, 23),
    ends=st.integers(0, 12),
)
def test_it_is_never_quiet_when_they_are_over_nor_before_it_was_asked_for_nor_more_than_a_long_weekend_later(
    at, begins, ends
):
    hours = QuietHours(time(begins), time(ends))
    over = hours.over_at(at, DAYS)
    local = over.astimezone(PARIS)
    assert at <= over <= at + timedelta(days=4)
    assert ends <= local.hour < begins
    assert local.weekday() != 6
    assert not DAYS.is_holiday(local.date())
    assert hours.over_at(over, DAYS) == over


@pytest.mark.parametrize("text", ["8:00-20:00", "20:00", "25:00-8:00", "20:00-8:61", "la nuit", "8:00-8:00"])
def test_what_is_no_night_is_refused_and_says_how_to_write_it(text):
    with pytest.raises(ValidationError, match=r"quiet hours"):
        TypeAdapter(QuietHoursText).validate_python(text)


def test_a_clerk_writes_them_as_a_span():
    assert TypeAdapter(QuietHoursText).validate_python("21:30 - 7:00") == QuietHours(time(21, 30), time(7))
