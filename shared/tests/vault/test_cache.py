"""A key is remembered so long and no longer, and only so many."""

from datetime import timedelta

import pytest

from guichet.vault.keys.cache import AgingCache


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_forgets_by_age_however_often_it_is_asked(clock: Clock) -> None:
    cache: AgingCache[str, int] = AgingCache(10, timedelta(minutes=5), clock)
    cache.put_many({"a": 1})
    clock.now += 299
    assert cache.get_many(["a", "b"]) == {"a": 1}
    clock.now += 1
    assert cache.get_many(["a"]) == {}


def test_it_forgets_the_oldest_past_its_size(clock: Clock) -> None:
    cache: AgingCache[int, int] = AgingCache(3, timedelta(minutes=5), clock)
    for number in range(5):
        cache.put_many({number: number})
    assert set(cache.get_many(range(5))) == {2, 3, 4}


def test_putting_again_counts_as_new(clock: Clock) -> None:
    cache: AgingCache[str, int] = AgingCache(10, timedelta(minutes=5), clock)
    cache.put_many({"a": 1, "b": 1})
    clock.now += 200
    cache.put_many({"a": 2})
    clock.now += 200
    assert cache.get_many(["a", "b"]) == {"a": 2}


def test_it_forgets_at_once_when_told(clock: Clock) -> None:
    cache: AgingCache[str, int] = AgingCache(10, timedelta(minutes=5), clock)
    cache.put_many({"a": 1, "b": 2})
    cache.forget(["a", "c"])
    assert cache.get_many(["a", "b"]) == {"b": 2}
