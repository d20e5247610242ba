"""So many at a time: `itertools.batched`, which Python has from 3.12 on. Pure."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in their order, `size` at a time; the last batch holds what is left, and none is empty."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
