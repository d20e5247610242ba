"""How long a sign-in lasts. Pure."""

from datetime import datetime, timedelta
from typing import Final

from guichet.store.agents.sessions import Session

LONGEST: Final = timedelta(hours=11)  # a working day; sessions of the data map say half a day
IDLE: Final = timedelta(hours=2)  # a lunch break does not lose what was typed
PENDING: Final = timedelta(minutes=10)  # from the password to the code: time to find the telephone
NOTED_EVERY: Final = timedelta(minutes=1)  # a write for every click would help nobody


def is_over(session: Session, now: datetime) -> bool:
    """Say whether the agent must sign in again."""
    return now >= session.ends_at or now - session.seen_at > IDLE


def is_worth_noting(session: Session, now: datetime) -> bool:
    """Say whether the session's last sighting is old enough to be written again."""
    return now - session.seen_at > NOTED_EVERY
