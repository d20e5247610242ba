"""What a process may remember of opened keys: so many, for so long. Age counts from when it was put in.

`cachetools.TTLCache` forgets by itself; its `expire()` also drops from memory what nobody asks for any more.
"""

from collections.abc import Iterable
from typing import TypeVar

from cachetools import TTLCache

K = TypeVar("K")
V = TypeVar("V")


def remembered(cache: TTLCache[K, V, float], keys: Iterable[K]) -> dict[K, V]:
    """Return those of the keys that are remembered. The time is asked once: for each key it would cost 2 µs."""
    with cache.timer:
        cache.expire()
        return {key: cache[key] for key in keys if key in cache}
