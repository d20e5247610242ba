"""The hour of the nightly rotation, on ordinary nights and on the two on which the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdpr_worker.domain.rotation_hour import is_due, last_night

PARIS = ZoneInfo("Europe/Paris")
AT = time(3, 30)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "at", "night"),
    [
        ("2026-01-15T02:29:59", AT, "2026-01-14T02:30"),  # winter: 03:30 is 02:30 UTC
        ("2026-01-15T02:30:00", AT, "2026-01-15T02:30"),
        ("2026-07-15T01:30:00", AT, "2026-07-15T01:30"),  # summer
        ("2026-03-29T01:29:59", AT, "2026-03-28T02:30"),  # clocks go forward at 01:00 UTC
        ("2026-03-29T01:30:00", AT, "2026-03-29T01:30"),
        ("2026-10-25T02:29:59", AT, "2026-10-24T01:30"),  # clocks go back at 01:00 UTC
        ("2026-10-25T02:30:00", AT, "2026-10-25T02:30"),
        ("2026-03-29T01:29:59", time(2, 30), "2026-03-28T01:30"),  # an hour that this night does not have
        ("2026-03-29T01:30:00", time(2, 30), "2026-03-29T01:30"),
        ("2026-10-25T00:30:00", time(2, 30), "2026-10-25T00:30"),  # an hour that this night has twice: the first
        ("2026-10-25T01:30:00", time(2, 30), "2026-10-25T00:30"),
        ("2026-12-31T23:10:00", time(0, 5), "2026-12-31T23:05"),  # the year changes in Paris first
    ],
)
def test_last_night(now: str, at: time, night: str) -> None:
    assert last_night(utc(now), at).astimezone(UTC) == utc(night)


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    at=st.times().map(lambda each: each.replace(fold=0)),
)
def test_there_is_one_a_day_and_never_one_in_the_future(now: datetime, at: time) -> None:
    night = last_night(now, at).astimezone(UTC)
    assert timedelta(0) <= now - night < timedelta(hours=25, microseconds=1)
    assert last_night(night, at).astimezone(UTC) == night


def test_a_rotation_of_this_night_is_enough_and_a_missed_one_is_caught_up() -> None:
    assert not is_due(utc("2026-01-15T02:30:00"), utc("2026-01-16T02:29:00"), AT)
    assert is_due(utc("2026-01-15T02:30:00"), utc("2026-01-16T02:30:00"), AT)
    assert is_due(utc("2026-01-10T14:00:00"), utc("2026-01-15T12:00:00"), AT)
    assert is_due(None, utc("2026-01-15T12:00:00"), AT)


def test_a_rotation_during_the_day_does_not_stand_for_the_next_nights() -> None:
    assert is_due(utc("2026-01-15T16:00:00"), utc("2026-01-16T02:30:00"), AT)


def test_on_the_night_with_the_doubled_hour_it_rotates_once() -> None:
    at = time(2, 30)
    began = utc("2026-10-25T00:30:05")
    assert not is_due(began, utc("2026-10-25T01:30:05"), at)
