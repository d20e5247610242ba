"""When to try again. Pure."""

from datetime import datetime, timedelta
from typing import Final

from guichet.store.deliveries.document import DeliveryDocument

FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(minutes=15)
LONGEST_COUNTED: Final = 2 * LONGEST  # between two attempts of a lane that is busy
GIVE_UP: Final = timedelta(days=5)  # as mail servers do (RFC 5321 4.5.4.1)


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many attempts: doubling, up to a quarter of an hour."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(LONGEST, FIRST * (1 << doublings))


def put_off(held: DeliveryDocument, now: datetime) -> DeliveryDocument:
    """Return a delivery that its provider has just put off (again): the time since it last did was spent trying.

    However long that was, it counts as no more than the pauses that we make by ourselves: days in which no notifier
    ran, or the provider was left alone, or a backup lay on a shelf, are not the provider's.
    """
    pause = now - held.put_off_at if held.put_off_at is not None else timedelta(0)
    counted = min(max(pause, timedelta(0)), LONGEST_COUNTED)
    return held.model_copy(
        update={"put_off_at": now, "tried_for": held.tried_for + round(counted.total_seconds())},
    )


def is_hopeless(held: DeliveryDocument) -> bool:
    """Say whether its provider has put it off for long enough."""
    return timedelta(seconds=held.tried_for) >= GIVE_UP
