"""A hold on one document, by the store's own clock: whoever works on it has it, and who was killed has it no longer.

    {held_until: …}        absent, null or past: it is free

Two processes agree on no other clock (docs/decisions/0028). A hold keeps processes from doing the same work; that
nothing is done twice never hangs on it. A lease on work that is no document's: guichet.mongo.lease.
"""

from datetime import timedelta
from typing import Any


def from_now(hold: timedelta) -> dict[str, Any]:
    """Return the end of a hold that begins now, for an update that is a pipeline."""
    return {"$add": ["$$NOW", int(hold.total_seconds() * 1000)]}


def is_held(field: str = "held_until") -> dict[str, Any]:
    """Return the expression that somebody has it. field: where its hold stands."""
    return {"$gt": [f"${field}", "$$NOW"]}  # an absent field is less than any time


def is_free(field: str = "held_until") -> dict[str, Any]:
    """Return the expression that nobody has it."""
    return {"$not": is_held(field)}
