from bisect import bisect_left

from aiokafka.structs import OffsetAndTimestamp
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.admin.time_search import TimeSearch

NOW = 1_800_000_000_000


@given(st.lists(st.integers(min_value=NOW - 10**10, max_value=NOW), min_size=1, max_size=30), st.data())
def test_the_time_of_any_record_is_found_in_few_questions(times, data):
    times.sort()
    offset = data.draw(st.integers(min_value=0, max_value=len(times) - 1))
    search, questions = TimeSearch(offset, NOW), 0
    while not search.is_over:
        at = bisect_left(times, search.ask_at)
        search.take(OffsetAndTimestamp(at, times[at]) if at < len(times) else None)
        questions += 1
    assert search.arrived_ms == times[offset]
    assert questions <= 45


def test_a_topic_without_records_gives_no_time():
    search = TimeSearch(0, NOW)
    search.take(None)
    assert search.is_over
    assert search.arrived_ms is None
