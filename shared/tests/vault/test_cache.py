"""A key is remembered so long and no longer, and only so many."""

import pytest
from cachetools import TTLCache

from guichet.vault.keys.cache import remembered


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_forgets_by_age_however_often_it_is_asked(clock: Clock) -> None:
    cache = TTLCache[str, int, float](10, 300.0, clock)
    cache.update({"a": 1})
    clock.now += 299
    assert remembered(cache, ["a", "b"]) == {"a": 1}
    clock.now += 1
    assert remembered(cache, ["a"]) == {}


def test_it_forgets_the_oldest_past_its_size(clock: Clock) -> None:
    cache = TTLCache[int, int, float](3, 300.0, clock)
    for number in range(5):
        cache.update({number: number})
    assert set(remembered(cache, range(5))) == {2, 3, 4}


def test_putting_again_counts_as_new(clock: Clock) -> None:
    cache = TTLCache[str, int, float](10, 300.0, clock)
    cache.update({"a": 1, "b": 1})
    clock.now += 200
    cache.update({"a": 2})
    clock.now += 200
    assert remembered(cache, ["a", "b"]) == {"a": 2}


def test_it_forgets_at_once_when_told(clock: Clock) -> None:
    cache = TTLCache[str, int, float](10, 300.0, clock)
    cache.update({"a": 1, "b": 2})
    for key in ("a", "c"):
        cache.pop(key, None)
    assert remembered(cache, ["a", "b"]) == {"b": 2}
