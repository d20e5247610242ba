"""Holds on documents, in memory: the store's clock is the machine's, which no test moves."""

from datetime import UTC, datetime, timedelta


def from_now(hold: timedelta) -> datetime:
    """Return the end of a hold that begins now."""
    return datetime.now(UTC) + hold


def is_free(held_until: datetime | None) -> bool:
    """Say whether nobody has it."""
    return held_until is None or held_until <= datetime.now(UTC)
