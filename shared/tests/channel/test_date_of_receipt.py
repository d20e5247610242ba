"""When a message was received in law, whatever others say of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.date_of_receipt import DateOfReceipt, date_of_receipt
from guichet.contracts.inbound import FIRST_ARRIVAL, DateDoubt, DateSource

ARRIVED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound


def test_what_lay_two_days_in_the_mailbox_keeps_the_date_at_which_it_came_there() -> None:
    came = ARRIVED - timedelta(days=2)
    assert date_of_receipt(ARRIVED, came, DateSource.MAILBOX) == DateOfReceipt(came, DateSource.MAILBOX)


def test_two_messages_of_one_second_have_each_a_time_of_its_own_in_it() -> None:
    """Equal at rest, they would join a person's cases of two sectors."""
    taken = ARRIVED - timedelta(days=2)
    arrivals = [ARRIVED + timedelta(milliseconds=each) for each in (3, 4)]
    found = [date_of_receipt(each, taken, DateSource.PROVIDER).at for each in arrivals]
    assert found == [taken + timedelta(milliseconds=each) for each in (3, 4)]
    at_once = date_of_receipt(arrivals[0], ARRIVED, DateSource.PROVIDER)
    assert at_once == DateOfReceipt(arrivals[0], DateSource.PROVIDER)


def test_where_nobody_says_anything_our_edge_counts() -> None:
    assert date_of_receipt(ARRIVED, None, DateSource.RELAY) == DateOfReceipt(ARRIVED, DateSource.EDGE)


@pytest.mark.parametrize(
    ("said", "written_at", "doubt"),
    [
        (ARRIVED + timedelta(minutes=6), None, DateDoubt.IN_THE_FUTURE),
        (FIRST_ARRIVAL - timedelta(seconds=1), None, DateDoubt.BEFORE_IT_WAS_WRITTEN),
        (ARRIVED - timedelta(days=9), ARRIVED - timedelta(days=7), DateDoubt.BEFORE_IT_WAS_WRITTEN),
    ],
)
def test_a_date_that_cannot_be_is_doubted(said: datetime, written_at: datetime | None, doubt: DateDoubt) -> None:
    found = date_of_receipt(ARRIVED, said, DateSource.RELAY, written_at)
    assert found == DateOfReceipt(ARRIVED, DateSource.EDGE, doubt)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=5)])
def test_a_clock_a_little_ahead_of_ours_is_believed_up_to_now(ahead: timedelta) -> None:
    assert date_of_receipt(ARRIVED, ARRIVED + ahead, DateSource.PROVIDER) == DateOfReceipt(ARRIVED, DateSource.PROVIDER)


def test_a_senders_clock_that_is_a_time_zone_ahead_raises_no_doubt() -> None:
    written = ARRIVED + timedelta(hours=11)
    assert date_of_receipt(ARRIVED, ARRIVED - timedelta(minutes=1), DateSource.RELAY, written).doubt is None


@given(arrived=TIMES, said=TIMES, written=st.none() | TIMES)
def test_it_is_never_after_our_edge_and_never_doubted_and_counted(
    arrived: datetime, said: datetime, written: datetime | None
) -> None:
    found = date_of_receipt(arrived, said, DateSource.MAILBOX, written)
    assert found.at <= arrived
    assert (found.doubt is None) == (found.by is DateSource.MAILBOX)
    assert found.by is DateSource.MAILBOX or found.at == arrived
