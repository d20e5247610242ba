"""Whether two times that have a beginning and an end have a moment in common. Pure."""

from datetime import datetime
from typing import Protocol


class Lasting(Protocol):
    """A time: an absence, or one on call. Both ends are aware; the end itself is no longer of it."""

    @property
    def begins(self) -> datetime: ...

    @property
    def ends(self) -> datetime: ...


def meets(one: Lasting, other: Lasting) -> bool:
    """Say whether some moment is of both."""
    return one.begins < other.ends and other.begins < one.ends
