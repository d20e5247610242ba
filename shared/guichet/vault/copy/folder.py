"""The folder of the vault's second copy, on another disk than the vault's.

    id                     which folder this is: the vault knows whom it belongs to
    copy-<UTC>/            a backup of the vault (guichet.mongo.backup_files), and what happened since it was begun:
      changes              frames (guichet.vault.copy.frames), each a batch of changes (guichet.vault.copy.changes)
    copy-<UTC>.new/        one that is being made beside the one in use: it counts for nothing

A rotation has a new one made, and what it replaces is removed: it holds what was destroyed since.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from guichet.mongo.backup_files import MANIFEST, Manifest, next_in_row, write_manifest
from guichet.runtime.disk import flush_to_disk
from guichet.vault.copy.changes import Changes
from guichet.vault.copy.frames import FrameFile

VARIABLE: Final = "GUICHET_VAULT_COPY"
CHANGES: Final = "changes"
_ID: Final = "id"
_PREFIX: Final = "copy-"
_UNFINISHED: Final = ".new"


class GrowingCopy:
    """A copy that changes are added to. Every method blocks, and raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file = FrameFile(path / CHANGES)
        self._folder = os.open(path, os.O_RDONLY)  # it is called otherwise once the copy is whole

    def size(self) -> int:
        """Return how many bytes it has on the disk."""
        return sum(os.stat(name, dir_fd=self._folder).st_size for name in os.listdir(self._folder))

    def add(self, changes: Changes) -> None:
        """Return once the disk holds them."""
        self._file.append(changes.encoded())

    def close(self) -> None:
        """Add nothing more."""
        self._file.close()
        os.close(self._folder)


class CopyFolder:
    """The folder, of the one process that writes there. Every method blocks, and raises OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def known_id(self) -> str | None:
        """Return which folder this is, or None for one that never held a copy."""
        try:
            return (self.path / _ID).read_text().strip() or None
        except FileNotFoundError:
            return None

    def call(self, new: str) -> None:
        """Give the folder its id, durably."""
        beside = self.path / f".{_ID}"
        beside.write_text(new)
        flush_to_disk(beside)
        beside.rename(self.path / _ID)
        flush_to_disk(self.path)

    def require_room_beside(self, size: int) -> None:
        """Raise OSError where another copy of this size has no room: it would take the last of the one in use."""
        if shutil.disk_usage(self.path).free < size * 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def begin(self, now: datetime) -> Path:
        """Make the folder of a new copy; what an earlier try left is removed."""
        for left in self.path.glob(f"{_PREFIX}*{_UNFINISHED}"):
            shutil.rmtree(left)
        whole = next_in_row(self.path, _PREFIX, now)
        path = whole.with_name(f"{whole.name}{_UNFINISHED}")
        path.mkdir(mode=0o700)
        return path

    def finish(self, path: Path, manifest: Manifest) -> Path:
        """Have a new copy count from now on, durably; return where it lies then."""
        write_manifest(path, manifest)
        whole = path.with_name(path.name.removesuffix(_UNFINISHED))
        path.rename(whole)
        flush_to_disk(self.path)
        return whole

    def remove_all_but(self, kept: Path) -> None:
        """Remove every other copy, durably."""
        for each in self.path.glob(f"{_PREFIX}*"):
            if each != kept and not each.name.endswith(_UNFINISHED):
                (each / MANIFEST).unlink(missing_ok=True)  # killed half-way, it is no copy any more
                shutil.rmtree(each)
        flush_to_disk(self.path)


def newest_copy(folder: Path) -> Path | None:
    """Return the copy that counts, or None where the folder holds none."""
    there = (each for each in folder.glob(f"{_PREFIX}*") if not each.name.endswith(_UNFINISHED))
    return max((each for each in there if (each / MANIFEST).exists()), default=None)


@contextmanager
def only_writer(folder: Path) -> Iterator[CopyFolder]:
    """Be the one process that writes there. Raises OSError, BlockingIOError while another does."""
    folder.mkdir(mode=0o700, parents=False, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield CopyFolder(folder)
    finally:
        with suppress(OSError):
            os.close(descriptor)
