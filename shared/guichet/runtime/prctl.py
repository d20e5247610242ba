"""What a process gives up for good, by Linux's prctl(2). Both raise OSError."""

import ctypes
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38


def hide_memory() -> None:
    """Keep other processes of the same user out of this one's memory and environment (PR_SET_DUMPABLE)."""
    _prctl(_PR_SET_DUMPABLE, 0)


def give_up_privileges() -> None:
    """Let nothing that this process or its children start have more rights than they have."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
