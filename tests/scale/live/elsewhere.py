"""Citizens and other agents' browsers are other machines: here they take what the town leaves."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

GIVES_WAY: Final = 10  # of 19
_AUTOGROUP: Final = Path("/proc/self/autogroup")


def stand_elsewhere() -> None:
    """Make this process give way to the town, as a session of its own where the kernel shares between sessions."""
    os.setsid()
    os.nice(GIVES_WAY)
    with suppress(OSError):
        _AUTOGROUP.write_text(str(GIVES_WAY))
