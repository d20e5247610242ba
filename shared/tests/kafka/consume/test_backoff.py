from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import ThrottledError, TransientError
from guichet.kafka.consume.backoff import FIRST, LONGEST, wait_before_retry

AWAY = TransientError("the store is away")


@given(attempt=st.integers(1, 10_000), die=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_longer_than_the_longest_nor_nothing(attempt: int, die: float) -> None:
    assert FIRST / 2 <= wait_before_retry(AWAY, attempt, die) <= LONGEST


def test_pauses_double() -> None:
    pauses = [wait_before_retry(AWAY, attempt, 0.0) for attempt in (1, 2, 3)]
    assert pauses == [FIRST / 2, FIRST, FIRST * 2]


def test_two_workers_do_not_return_in_step() -> None:
    assert wait_before_retry(AWAY, 5, 0.1) != wait_before_retry(AWAY, 5, 0.9)


@given(seconds=st.integers(0, 86_400), die=st.floats(0, 1, exclude_max=True))
def test_who_is_told_when_to_come_back_does_not_come_sooner(seconds: int, die: float) -> None:
    throttled = ThrottledError("too many", retry_after=timedelta(seconds=seconds))
    assert wait_before_retry(throttled, 1, die) >= throttled.retry_after
