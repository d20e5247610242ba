"""The root-key file as a rotation changes it, and its copy kept in step: a town that loses its only file has lost all.

The copy gets a new generation first and loses an old one last, so that it always opens what the file opens. A file is
replaced in one step; the bytes of the old one are overwritten before its blocks are given back. On a disk that writes
elsewhere than where it is told (an SSD, a snapshot) that is best effort: docs/operations.md says what a town does.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from guichet.errors import SettingsError
from guichet.runtime.disk import flush_to_disk
from guichet.vault.root_key.file import VARIABLE, left_beside, locked_folder, read_root_keys, written_beside
from guichet.vault.sealing import KEY_BYTES

COPY_VARIABLE = "GUICHET_ROOT_KEY_COPY"


@dataclass(frozen=True)
class RootKey:
    """One generation."""

    generation: int
    secret: bytes = field(repr=False)


class RootKeyWriter:
    """The file and its copy (None: there is none). Every method blocks for milliseconds; raises SettingsError."""

    def __init__(self, path: Path, copy: Path | None = None) -> None:
        self._path = path.resolve()  # a symbolic link stays one
        self._copy = copy.resolve() if copy else None

    def keys(self) -> dict[int, bytes]:
        """Return generation → key of the file."""
        return read_root_keys(self._path)

    def add_generation(self) -> RootKey:
        """Add a new generation, durably: to the copy, then to the file."""
        with locked_folder(self._path):
            keys = self.keys()
            new = RootKey(max({*keys, *self._keys_of_copy(keys)}) + 1, secrets.token_bytes(KEY_BYTES))
            self._write(keys | {new.generation: new.secret}, [self._copy, self._path])
        return new

    def keep_from(self, generation: int) -> None:
        """Take every generation before this one out, for good: of the file, then of the copy."""
        with locked_folder(self._path):
            keys = {number: key for number, key in self.keys().items() if number >= generation}
            self._write(keys, [self._path, self._copy])

    def _write(self, keys: Mapping[int, bytes], paths: list[Path | None]) -> None:
        for path in paths:
            if path is not None:
                _write_over(path, keys)

    def _keys_of_copy(self, keys: Mapping[int, bytes]) -> dict[int, bytes]:
        """Return what the copy holds; refuse to write over another vault's last root key."""
        if self._copy is None or not self._copy.exists():
            return {}
        try:
            there = read_root_keys(self._copy)
        except SettingsError as exc:
            raise SettingsError(str(exc).replace(VARIABLE, COPY_VARIABLE)) from exc
        if not any(there.get(generation) == key for generation, key in keys.items()):
            raise SettingsError(
                f"{COPY_VARIABLE} names {self._copy}, which has no root key in common with {self._path}. "
                "If it is no other vault's, move it away: the next rotation makes a new one."
            )
        return there


def _write_over(path: Path, keys: Mapping[int, bytes]) -> None:
    try:
        for left in left_beside(path):
            _remove(left)
        written = written_beside(path, keys)
        if path.exists():
            _like(path, written)
            _replace(path, written)
        else:
            written.rename(path)
        flush_to_disk(path.parent)
    except OSError as exc:
        raise SettingsError(
            f"{path} cannot be written ({exc.strerror}): a rotation replaces it. Give its folder to who runs it."
        ) from exc


def _like(path: Path, written: Path) -> None:
    """Who could read the old file by its group reads the new one."""
    state = path.stat()
    with suppress(PermissionError):
        os.chown(written, -1, state.st_gid)
    written.chmod(stat.S_IMODE(state.st_mode))


def _replace(path: Path, written: Path) -> None:
    with path.open("r+b") as old:
        written.replace(path)
        flush_to_disk(path.parent)
        _overwrite(old.fileno())


def _remove(left: Path) -> None:
    if left.stat().st_nlink == 1:  # else it is another name of the file itself: `vault init` died before the last step
        with left.open("r+b") as file:
            _overwrite(file.fileno())
    left.unlink()


def _overwrite(descriptor: int) -> None:
    os.pwrite(descriptor, secrets.token_bytes(os.fstat(descriptor).st_size), 0)
    os.fsync(descriptor)
