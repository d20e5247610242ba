"""Why somebody was not let in. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class SignInRefusal:
    """Not signed in. pause: how long to wait, when there were too many tries. busy: others are before them just now."""

    pause: timedelta | None = None
    busy: bool = False
