"""What became of sealed values that a page asked for. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class Opened(Generic[K, V]):
    """values: what opened. tampered: whose seal does not hold; the page says so. What is in neither was erased."""

    values: Mapping[K, V] = field(repr=False)
    tampered: frozenset[K] = frozenset()
