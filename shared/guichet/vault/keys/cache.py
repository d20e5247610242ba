"""What a process may remember of opened keys: so many, for so long. Age counts from when it was put in."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class AgingCache(Generic[K, V]):
    """Forgets the oldest first. clock: seconds that never go back."""

    def __init__(self, size: int, age: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._age = age.total_seconds()
        self._clock = clock
        self._entries: dict[K, tuple[float, V]] = {}  # in the order they were put in: the oldest is the first

    def get_many(self, keys: Iterable[K]) -> dict[K, V]:
        """Return those of the keys that are remembered."""
        self.forget_old()
        return {key: self._entries[key][1] for key in keys if key in self._entries}

    def put_many(self, values: Mapping[K, V]) -> None:
        """Remember values, as new."""
        self.forget(values)
        now = self._clock()
        self._entries.update({key: (now, value) for key, value in values.items()})
        self.forget_old()

    def forget(self, keys: Iterable[K]) -> None:
        """Forget values at once."""
        for key in keys:
            self._entries.pop(key, None)

    def forget_all(self) -> None:
        """Forget everything at once."""
        self._entries.clear()

    def forget_old(self) -> None:
        """Forget what is too old: it goes at every use, and here also without one."""
        too_old = self._clock() - self._age
        while self._entries:
            oldest = next(iter(self._entries))
            if len(self._entries) <= self._size and self._entries[oldest][0] > too_old:
                return
            del self._entries[oldest]
