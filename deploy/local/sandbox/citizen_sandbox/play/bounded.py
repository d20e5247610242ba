"""Memory with a ceiling: what the sandbox keeps, the oldest goes first."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Kept = TypeVar("Kept")

MAX_ITEMS = 5_000
MAX_BYTES = 256 * 1024 * 1024  # enough for a long afternoon, small enough for a laptop


class Bounded(Generic[Kept]):
    """Things by name, in the order they came, within a number and a weight in bytes."""

    def __init__(
        self,
        weigh: Callable[[Kept], int],
        *,
        max_items: int = MAX_ITEMS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._kept: dict[str, Kept] = {}
        self._weigh = weigh
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._bytes = 0

    def add(self, name: str, thing: Kept) -> None:
        """Keep `thing`; forget the oldest things until the rest fits. The newest always stays."""
        self._kept[name] = thing
        self._bytes += self._weigh(thing)
        while len(self._kept) > 1 and self._is_over():
            self._forget_oldest()

    def find(self, name: str) -> Kept | None:
        """Return the thing of that name, or None when it never came or was forgotten."""
        return self._kept.get(name)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0

    def __iter__(self) -> Iterator[Kept]:
        return iter(list(self._kept.values()))

    def __len__(self) -> int:
        return len(self._kept)

    def _is_over(self) -> bool:
        return len(self._kept) > self._max_items or self._bytes > self._max_bytes

    def _forget_oldest(self) -> None:
        oldest = self._kept.pop(next(iter(self._kept)))
        self._bytes -= self._weigh(oldest)
