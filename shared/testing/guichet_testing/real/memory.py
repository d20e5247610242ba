"""A folder for what a test run's server keeps: in memory where there is room, for a mongod waits for its disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108  a folder of its own is made in it
ROOM: Final = 4 * 2**30  # bytes; the store of a whole run takes some hundred MiB, and a run has several at once


@contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """Give a folder in memory, gone at the end; or `otherwise`, on disk, where memory has less than ROOM left."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield otherwise
        return
    folder = Path(tempfile.mkdtemp(prefix="guichet-", dir=MEMORY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
