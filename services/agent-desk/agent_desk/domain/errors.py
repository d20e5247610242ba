"""Why a page is not given. Each becomes one answer in `error_pages.py`."""

from dataclasses import dataclass, field


class NotSignedInError(Exception):
    """Nobody is signed in, or no longer."""


class MustChangeError(NotSignedInError):
    """Signed in with a password that an operator gave: one's own must be chosen first."""


class MustEnrolError(NotSignedInError):
    """Signed in with a password alone, where the town wants a second factor: it must be enrolled first."""


class UnassignedError(NotSignedInError):
    """Signed in, and assigned to nothing today: there is nothing for them but the way out."""


class NotFoundError(Exception):
    """Missing, or out of scope: the answer is the same to the letter."""


class NotAllowedError(Exception):
    """The case is theirs to read, and this is not theirs to do with it."""


@dataclass(eq=False)
class ReasonOwedError(NotAllowedError):
    """They open this case only with a reason, and have given none in this session."""

    reference: str


@dataclass(eq=False)
class CallerOwedError(NotAllowedError):
    """They open this case only for a caller, whom they have not recognised in this session."""

    reference: str


class ForgedFormError(Exception):
    """A form that was not made for this browser."""


@dataclass(eq=False)
class WithheldError(Exception):
    """A file that is not given out. back: the address of its message's page.

    found: what the antivirus found in it; None: it did not look. is_too_large: it takes no file of this size; else
    it did not answer.
    """

    back: str
    name: str = field(repr=False)
    found: str | None
    is_too_large: bool = False


class BusyError(Exception):
    """Too many sign in at this very moment."""
