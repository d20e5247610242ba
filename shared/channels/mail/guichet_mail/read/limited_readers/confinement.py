"""What a process is left that reads what strangers write, should one of them make it run their code.

Resource limits (setrlimit(2)), beside guichet.runtime.prctl. What they do not cover stands in
docs/security.md.
"""

import codecs
import encodings
import importlib
import mimetypes
import os
import pkgutil
import resource
import sys
from contextlib import suppress

from guichet_mail.read.contents import openers
from guichet_mail.read.own.authentication import public_suffixes


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
    openers()
    from guichet_mail.read.rare.time_zones import hold_time_zones  # noqa: PLC0415  the adapter imports this file, too
    from guichet_mail.read.returned.report import load_detectors  # noqa: PLC0415

    hold_time_zones()
    load_detectors()


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
