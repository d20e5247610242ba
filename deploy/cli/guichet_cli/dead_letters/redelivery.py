"""Handing a payload in at its adapter once more."""

from collections.abc import Awaitable, Callable

from guichet.errors import GuichetError

Redeliver = Callable[[], Awaitable[None]]
"""Returns once the adapter has said "accepted". Raises RedeliveryError."""


class RedeliveryError(GuichetError):
    """The adapter is away or refuses. The text says what it answered; the dead letter stays open."""
