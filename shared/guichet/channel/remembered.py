"""A bounded memory of names. In memory only: what has to outlive the process lies in the store."""

from typing import Final

from cachetools import FIFOCache

AT_MOST: Final = 20_000  # more than a town receives before its router has them in the store


class Remembered:
    """The last names that were added."""

    def __init__(self, at_most: int = AT_MOST) -> None:
        self._names = FIFOCache[str, None](at_most)

    def add(self, name: str) -> None:
        """Remember a name, and forget the oldest where there are too many."""
        self._names[name] = None

    def __contains__(self, name: str) -> bool:
        return name in self._names
