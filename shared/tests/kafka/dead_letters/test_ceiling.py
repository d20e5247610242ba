from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.dead_letters.ceiling import Ceiling


def test_the_ceiling_is_reached_by_as_many_as_it_allows() -> None:
    ceiling = Ceiling(2)
    for now in (0.0, 1.0):
        assert not ceiling.is_reached(now)
        ceiling.count(now)
    assert ceiling.is_reached(2.0)


def test_it_is_a_rate_not_a_sum() -> None:
    ceiling = Ceiling(2)
    ceiling.count(0.0)
    ceiling.count(30.0)
    assert ceiling.is_reached(59.9)
    assert not ceiling.is_reached(60.0)


def test_who_goes_on_past_it_costs_no_memory() -> None:
    ceiling = Ceiling(2)
    for nth in range(1000):
        ceiling.count(nth / 100)
    assert len(ceiling._times) == 2
    assert ceiling.is_reached(69.97)
    assert not ceiling.is_reached(69.98)


@given(st.lists(st.floats(0, 600), max_size=60), st.integers(1, 5))
def test_no_minute_ever_holds_more_than_the_ceiling(times: list[float], per_minute: int) -> None:
    ceiling, admitted = Ceiling(per_minute), []
    for now in sorted(times):
        if not ceiling.is_reached(now):
            ceiling.count(now)
            admitted.append(now)
    assert all(sum(at <= other < at + 60 for other in admitted) <= per_minute for at in admitted)
