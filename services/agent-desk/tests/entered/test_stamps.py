"""A letter is received on the day of its stamp, whenever somebody types it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.entered.stamp import LONGEST_AGO, receipt_by_stamp, wrong_day
from agent_desk.domain.typed_day import typed_day
from guichet.law.calendar import paris_date

NOW = datetime(2026, 10, 15, 7, 6, 5, 123456, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2026-10-14", "14/10/2026", " 14.10.2026 "])
def test_a_day_is_read_as_browsers_send_it_and_as_people_write_it(typed):
    assert typed_day(typed) == date(2026, 10, 14)


@pytest.mark.parametrize("typed", ["", "hier", "31/02/2026", "2026-10-14T09:00"])
def test_nothing_else_is_a_day(typed):
    assert typed_day(typed) is None


@given(st.dates(min_value=paris_date(NOW) - LONGEST_AGO, max_value=paris_date(NOW)))
def test_r28_the_law_counts_from_the_day_of_the_stamp_and_never_from_after_it_was_typed(day):
    """docs/law.md 15."""
    receipt = receipt_by_stamp(day, NOW)
    assert paris_date(receipt.at) == day
    assert receipt.at <= NOW
    assert (receipt.at == NOW) == (day == paris_date(NOW))
    assert wrong_day(day.isoformat(), paris_date(NOW)) is None


def test_two_letters_of_one_day_have_no_moment_in_common():
    one, other = (receipt_by_stamp(date(2026, 10, 14), NOW + timedelta(microseconds=each)) for each in (0, 7))
    assert one.at != other.at


def test_a_year_that_was_mistyped_is_told():
    today = paris_date(NOW)
    assert wrong_day("2025-10-13", today) == "too-long-ago"
    assert wrong_day("2026-10-16", today) == "in-the-future"
    assert wrong_day("", today) is None
