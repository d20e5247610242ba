"""What came of a sign-in by the provider, as a page tells it. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Problem(StrEnum):
    """Why nobody was let in."""

    STALE = "stale"  # not begun in this browser, or too long ago
    GIVEN_UP = "given-up"  # at the provider
    WRONG = "wrong"  # what was said in the provider's name does not hold
    WEAK = "weak"  # one factor, where the town wants two
    NAMELESS = "nameless"  # the provider tells no name
    UNMAPPED = "unmapped"  # the town names nothing that this identity stands for
    CLOSED = "closed"  # the agent no longer works here
    AWAY = "away"
    TOO_MANY = "too-many"


@dataclass(frozen=True)
class NotLetIn:
    """Nobody was. pause: at a limit.

    siret, organizational_unit: of who is unmapped, what the town would have to name.
    """

    problem: Problem
    siret: str | None = None
    organizational_unit: str | None = None
    pause: timedelta | None = None

    @property
    def minutes(self) -> int:
        """The pause as a page tells it, rounded up; 0 where there is none."""
        return 0 if self.pause is None else int(self.pause.total_seconds() // 60) + 1


@dataclass(frozen=True)
class LetIn:
    """token: for the session's cookie. id_token: what the browser keeps to sign out of the provider, too.

    wanted: the page that was asked for at the beginning.
    """

    token: str = field(repr=False)
    id_token: str = field(repr=False)
    wanted: str
