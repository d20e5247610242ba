"""How long to wait before a mailbox is tried again. Pure but for chance, which keeps twenty mailboxes apart."""

from datetime import timedelta
from secrets import SystemRandom
from typing import Final

from guichet.errors import TransientError
from guichet_mail.receive.imap.connection.errors import SignInRefusedError

FIRST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=2)
REFUSED_FIRST: Final = timedelta(seconds=30)  # some servers lock who tries a wrong password too often
REFUSED_LONGEST: Final = timedelta(minutes=15)
_CHANCE: Final = SystemRandom()


def pause_after(error: TransientError, failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row, this one among them."""
    refused = isinstance(error, SignInRefusedError)
    first, longest = (REFUSED_FIRST, REFUSED_LONGEST) if refused else (FIRST, LONGEST)
    most = min(longest, first * 2.0 ** min(failures - 1, 20))
    return most * _CHANCE.uniform(0.5, 1.0)
