"""What a process is left that reads what strangers write, should one of them make it run their code.

Linux's own means, each a line: resource limits (setrlimit(2)) and prctl(2). What they do not cover stands in
docs/security.md.
"""

import codecs
import ctypes
import encodings
import importlib
import mimetypes
import os
import pkgutil
import resource
import sys
from contextlib import suppress
from typing import Final

from guichet_mail.read.authentication import public_suffixes

_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38


def hide_memory() -> None:
    """Keep other processes of the same user out of this one's memory and environment (PR_SET_DUMPABLE)."""
    _prctl(_PR_SET_DUMPABLE, 0)


def give_up_privileges() -> None:
    """Let nothing that this process or its children start have more rights than they have."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def load_what_is_read_later() -> None:
    """Load what Python would look for in files at the first need: where `confine` was called there are none."""
    for each in pkgutil.iter_modules(encodings.__path__):
        try:
            importlib.import_module(f"encodings.{each.name}")
        except ImportError:  # those of Windows: not to be looked for again
            sys.modules[f"encodings.{each.name}"] = None  # type: ignore[assignment]
    with suppress(LookupError):
        codecs.lookup("x-none")
    mimetypes.init()
    public_suffixes()


def confine(*kept: int) -> None:
    """Leave this process the file descriptors it is given, and no way to another: no file, socket, pipe or child.

    A limit of 0 keeps even a number that is closed from being used again. RLIMIT_NPROC does not bind root.
    """
    for each in range(max(64, *kept) + 1):
        if each not in kept:
            with suppress(OSError):
                os.close(each)
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        resource.setrlimit(kind, (0, 0))


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
