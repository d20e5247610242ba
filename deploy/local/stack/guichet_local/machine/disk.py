"""Is there room on the disk?"""

import errno
import shutil
from pathlib import Path
from typing import Final

from guichet_local.errors import DiskFullError

# Kafka's segments, MongoDB's journal and oplog take about 700 MB before the first message.
LEAST_FREE_BYTES: Final = 1_500_000_000


def check_room(folder: Path, least: int = LEAST_FREE_BYTES) -> None:
    """Raise DiskFullError when the disk of this existing folder has less than `least` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < least:
        raise DiskFullError(
            f"The disk of {folder} has {free / 1e9:.1f} GB free and the stack needs {least / 1e9:.1f} GB: "
            "make room, or start over with `make reset`."
        )


def is_disk_full(error: OSError) -> bool:
    """True for the system's own 'no space left', met in the middle of the work."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}
