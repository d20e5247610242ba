"""Trouble on demand: the next N times, a provider behaves as providers sometimes do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Trouble(StrEnum):
    """A provider's troubles, to be listed by its tile: the name that orders one, and how the page says it."""

    words: str

    def __new__(cls, name: str, words: str) -> Self:
        """Return the trouble, which is its name."""
        trouble = str.__new__(cls, name)
        trouble._value_, trouble.words = name, words
        return trouble

    @classmethod
    def in_words(cls) -> Mapping[str, str]:
        """Return all of them, as a tile's `troubles`."""
        return {each.value: each.words for each in cls}


@dataclass(frozen=True)
class Order:
    """How often a trouble still strikes. retry_after: seconds, for the throttled ones and the slow answer."""

    count: int
    retry_after: int = 1


class Misbehaviour:
    """The troubles ordered so far. Every strike uses one up."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    def ask(self, trouble: str, order: Order) -> None:
        """Let `trouble` strike `order.count` times from now on; 0 takes the order back."""
        self._orders[trouble] = order

    def strike(self, trouble: str) -> Order | None:
        """Use one strike up and return its order; None when that trouble is not due."""
        order = self._orders.get(trouble)
        if order is None or order.count < 1:
            return None
        self._orders[trouble] = Order(order.count - 1, order.retry_after)
        return order

    def strikes(self, trouble: str) -> bool:
        """Use one strike up and say whether the trouble strikes now."""
        return self.strike(trouble) is not None

    def remaining(self) -> dict[str, Order]:
        """Return what is still to strike."""
        return {trouble: order for trouble, order in self._orders.items() if order.count > 0}

    def clear(self) -> None:
        """Behave well again."""
        self._orders.clear()
