"""Why a page is not given. Each becomes one answer in `pages.py`."""


class NotSignedInError(Exception):
    """Nobody is signed in, or no longer."""


class NotFoundError(Exception):
    """Missing, or out of scope: the answer is the same to the letter."""


class ForgedFormError(Exception):
    """A form that was not made for this browser."""


class BusyError(Exception):
    """Too many sign in at this very moment."""
