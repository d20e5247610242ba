"""A disk that can lose its power, and that can be full: an ext4 file system in a file, on a loop device.

What a program wrote and did not flush lies in the memory of the mounted file system alone. A copy of the image, mounted
in its place, is therefore the disk as a power cut would have left it. Needs Linux and the right to mount.
"""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

# No commit of the file system's journal by the clock: what nobody flushes stays in memory for the run.
_COMMITTED_EVERY_S: Final = 3600
_COPIES_TRIED: Final = 5
_BALLAST_STEPS: Final = (64 << 20, 1 << 20, 4096)  # bytes


class DiskError(Exception):
    """Mounting is not allowed here, or a copy was never of one moment."""


class LoopDisk:
    """The disk of `size` bytes in the file `image`, mounted at `at`."""

    def __init__(self, image: Path, at: Path, size: int) -> None:
        self._image = image
        self._at = at
        self._size = size

    def make(self) -> None:
        """Make an empty disk and mount it. Raises DiskError."""
        with self._image.open("wb") as image:
            image.truncate(self._size)
        # Nothing is kept for root, who runs this, and nothing is written later than now.
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(self._image))
        self._at.mkdir(parents=True, exist_ok=True)
        self._mount()

    def flush(self) -> None:
        """Let everything that was written up to now be on the disk: what comes later is what a cut may take."""
        _run("sync", "-f", str(self._at))

    def copy(self, to: Path) -> None:
        """Copy what the disk holds at this moment: not what waits in memory. Whoever writes to it must be frozen.

        Raises DiskError where the file system committed something meanwhile, so that it was of no one moment.
        """
        for _ in range(_COPIES_TRIED):
            before = self._commits()
            _run("cp", "--sparse=always", str(self._image), str(to))
            if self._commits() == before:
                return
        raise DiskError("the file system's journal moved during each copy")

    def write_unflushed(self) -> None:
        """Write a file and flush nothing: a control, of which a cut must leave nothing."""
        self._control.write_bytes(bytes(1000))

    def kept_unflushed(self) -> bool:
        """Return whether anything of the control is there."""
        return self._control.exists() and self._control.stat().st_size > 0

    def become(self, copy: Path) -> None:
        """Unmount, and mount the copy in its place. Nobody may have a file open there."""
        self.unmount()
        copy.replace(self._image)
        self._mount()

    def fill(self) -> None:
        """Take room until there is not a block left."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for step in _BALLAST_STEPS:
                with suppress(OSError):
                    while True:
                        os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), step)

    def make_room(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    def unmount(self) -> None:
        """Unmount it, if it is mounted. Raises DiskError."""
        if self._at.is_mount():
            _run("umount", str(self._at))

    def _mount(self) -> None:
        _run("mount", "-o", f"loop,commit={_COMMITTED_EVERY_S}", str(self._image), str(self._at))

    def _commits(self) -> str:
        """Return how often the file system's journal was committed."""
        device = Path(_run("findmnt", "-no", "SOURCE", str(self._at)).strip()).name
        [info] = Path("/proc/fs/jbd2").glob(f"{device}-*/info")
        found = re.match(r"(\d+) transactions", info.read_text())
        assert found, info.read_text()
        return found[1]

    @property
    def _control(self) -> Path:
        return self._at / "unflushed"

    @property
    def _ballast(self) -> Path:
        return self._at / "ballast"


def can_mount() -> bool:
    """Return whether this user may do all this here."""
    return os.name == "posix" and os.geteuid() == 0 and all(map(shutil.which, ("mkfs.ext4", "losetup", "findmnt")))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DiskError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
