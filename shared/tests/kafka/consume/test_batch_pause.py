"""Small batches are handled together; nothing else waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.consume.batch_pause import BatchPause

PAUSE = BatchPause(seconds=0.25, enough=100)


@pytest.mark.parametrize(
    ("records", "since_last_s", "waits_s"),
    [
        (1, 60.0, 0.0),  # after a lull
        (1, 0.0, PAUSE.seconds),  # in a stream
        (PAUSE.enough - 1, PAUSE.seconds / 2, PAUSE.seconds / 2),
        (PAUSE.enough, 0.0, 0.0),  # behind, or made again
    ],
)
def test_a_batch_waits_where_more_are_about_to_come(records: int, since_last_s: float, waits_s: float):
    assert PAUSE.before(records, since_last_s) == waits_s


@given(st.integers(1, PAUSE.enough), st.floats(0, 3600))
def test_no_batch_waits_longer_than_it_says(records: int, since_last_s: float):
    assert 0 <= PAUSE.before(records, since_last_s) <= PAUSE.seconds


@pytest.mark.parametrize("seconds", [-0.1, 1.1])
def test_nobody_has_messages_wait_for_longer_than_a_second(seconds: float):
    with pytest.raises(ValueError, match="between batches"):
        BatchPause(seconds=seconds, enough=1)
