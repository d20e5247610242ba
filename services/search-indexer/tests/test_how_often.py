"""Small batches are written together; nothing else waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.consume.worker import BATCH_SIZE
from search_indexer.entry.consumers import PAUSE_S, pause_before


@pytest.mark.parametrize(
    ("records", "since_last_s", "waits_s"),
    [
        (1, 60.0, 0.0),  # after a lull
        (1, 0.0, PAUSE_S),  # in a stream
        (BATCH_SIZE - 1, PAUSE_S / 2, PAUSE_S / 2),
        (BATCH_SIZE, 0.0, 0.0),  # behind, or made again
    ],
)
def test_a_batch_waits_where_more_are_about_to_come(records: int, since_last_s: float, waits_s: float):
    assert pause_before(records, since_last_s) == waits_s


@given(st.integers(1, BATCH_SIZE), st.floats(0, 3600))
def test_no_batch_waits_longer_than_agents_would(records: int, since_last_s: float):
    assert 0 <= pause_before(records, since_last_s) <= PAUSE_S
