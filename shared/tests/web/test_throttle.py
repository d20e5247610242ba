"""So many tries in so much time, then a pause."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from guichet.web.throttle import Throttle
from guichet_testing.builders.case import ARRIVED

WINDOW = timedelta(minutes=10)


def test_the_limit_is_reached_and_passes():
    throttle = Throttle(2, WINDOW)
    throttle.count("a", ARRIVED)
    assert throttle.pause("a", ARRIVED) is None
    throttle.count("a", ARRIVED + timedelta(minutes=4))
    assert throttle.pause("a", ARRIVED + timedelta(minutes=5)) == timedelta(minutes=5)
    assert throttle.pause("b", ARRIVED + timedelta(minutes=5)) is None
    assert throttle.pause("a", ARRIVED + WINDOW) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300)), max_size=60))
def test_within_any_window_no_more_than_the_limit_are_let_through(tries):
    throttle, let_through, now = Throttle(3, WINDOW), [], ARRIVED
    for key, seconds in tries:
        now += timedelta(seconds=seconds)
        if throttle.pause(key, now) is None:
            throttle.count(key, now)
            let_through.append((key, now))
    for key, at in let_through:
        assert sum(other == key and at - WINDOW < then <= at for other, then in let_through) <= 3


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300), st.integers(0, 2_000_000)), max_size=60))
def test_a_clock_that_is_set_back_lets_nobody_try_more_nor_keeps_them_out_for_longer(tries):
    """Each try: whose, how many seconds after the one before, and by how many the clock was set back meanwhile."""
    throttle, let_through, real, back = Throttle(3, WINDOW), [], ARRIVED, timedelta(0)
    for key, seconds, set_back in tries:
        real, back = real + timedelta(seconds=seconds), back + timedelta(seconds=set_back)
        pause = throttle.pause(key, real - back)
        assert pause is None or pause <= WINDOW
        if pause is None:
            throttle.count(key, real - back)
            let_through.append((key, real))
    for key, at in let_through:
        assert sum(other == key and at - WINDOW < then <= at for other, then in let_through) <= 3


def test_memory_is_bounded_by_who_tried_lately():
    throttle = Throttle(3, WINDOW)
    for number in range(1_000):
        throttle.count(str(number), ARRIVED + number * WINDOW)
    assert len(throttle._tries) == 1


def test_a_flood_from_many_addresses_makes_no_try_dearer():
    looked_at = []

    class Watched(Throttle):
        def _recent(self, key, now):
            looked_at.append(key)
            return super()._recent(key, now)

    throttle = Watched(3, WINDOW)
    for number in range(1_000):
        throttle.count(str(number), ARRIVED)
    assert len(looked_at) < 3_000
    throttle.count("later", ARRIVED + WINDOW)
    assert [*throttle._tries] == ["later"]
