"""What time it is for the citizens and their providers: the machine's, moved as the stack's clock is.

GUICHET_CLOCK_FILE: int64, microseconds to add, in the machine's byte order
"""

import mmap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_offsets: Final[list["memoryview[int]"]] = []  # of the process: none, or the one that `follow` was told


def follow(file: Path | None) -> None:
    """Go by the clock of this file from now on; None: by the machine's. Raises OSError, ValueError for a wrong file."""
    _offsets.clear()
    if file is not None:
        with file.open("rb") as opened:
            _offsets.append(memoryview(mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)).cast("q"))


def now() -> datetime:
    """Return the time: aware, UTC."""
    return datetime.now(UTC) + timedelta(microseconds=sum(offset[0] for offset in _offsets))
