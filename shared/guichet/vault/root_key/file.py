"""The root key: the vault's only secret outside MongoDB, a file of generations that nobody but its owner may read.

    {"1": "<32 bytes, base64>"}

A rotation adds a generation and takes the old one out (guichet.vault.root_key.writer). With the file gone, nothing
that was ever sealed can be opened.
"""

import base64
import fcntl
import glob
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import Field, RootModel, ValidationError

from guichet.errors import SettingsError, TransientError
from guichet.runtime.disk import flush_to_disk
from guichet.runtime.settings import SecretKey
from guichet.vault.sealing import KEY_BYTES

VARIABLE = "GUICHET_ROOT_KEY_FILE"


class _Generations(RootModel[dict[int, SecretKey]]):
    root: dict[int, SecretKey] = Field(min_length=1)


class RootKeyFile:
    """The file as a service sees it. Raises SettingsError, naming variable and remedy, when it cannot be used.

    What a rotation has taken out of the file is forgotten here too, at the next use or `refresh`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = _state_of(path)
        self._keys = read_root_keys(path)

    def newest(self) -> tuple[int, bytes]:
        """Return the newest generation and its key."""
        self.refresh()
        return max(self._keys.items())

    def key(self, generation: int) -> bytes:
        """Return a generation's key.

        Raises TransientError while the file lacks it: nothing may be taken for erased or dead-lettered for that.
        """
        self.refresh()
        if generation not in self._keys:
            self._keys = self._read_again()
        if generation not in self._keys:
            raise TransientError(f"{VARIABLE}: the file lacks root key {generation}. Restore the newest root-key file.")
        return self._keys[generation]

    def refresh(self) -> None:
        """Take up what changed in the file; while it cannot be read, what is known stays."""
        seen = _state_of(self.path)
        if seen is not None and seen != self._seen:
            with suppress(TransientError):
                self._keys = self._read_again()
                self._seen = seen

    def _read_again(self) -> dict[int, bytes]:
        try:
            return read_root_keys(self.path)
        except SettingsError as exc:
            raise TransientError(str(exc)) from exc


def read_root_keys(path: Path) -> dict[int, bytes]:
    """Return generation → key. Raises SettingsError when the file is missing, open to others or unreadable."""
    try:
        _refuse_if_open_to_others(path)
        generations = _Generations.model_validate_json(_bytes_of(path))
    except FileNotFoundError as exc:
        remedy = "Run `guichet prepare` on a new installation; on an old one restore the file."
        raise SettingsError(f"{VARIABLE} names {path}, which does not exist. {remedy}") from exc
    except OSError as exc:
        raise SettingsError(f"{VARIABLE} names {path}, which cannot be read: {exc.strerror}.") from exc
    except ValidationError as exc:
        raise SettingsError(f"{VARIABLE} names {path}, which is no root-key file. Restore the right one.") from exc
    return {generation: key.get_secret_value() for generation, key in generations.root.items()}


def make_root_key_file(path: Path) -> bool:
    """Make a file with a first generation, mode 0600. Returns False and leaves it where one is there.

    In a folder that gives its files its own group (setgid), that group reads it (0640): the other services of a server.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked_folder(path):
        written = written_beside(path, {1: secrets.token_bytes(KEY_BYTES)})
        if path.parent.stat().st_mode & stat.S_ISGID:
            written.chmod(0o640)
        try:
            os.link(written, path)  # atomic, and never over an existing file
        except FileExistsError:
            return False
        finally:
            written.unlink()
        flush_to_disk(path.parent)
    return True


@contextmanager
def locked_folder(path: Path) -> Iterator[None]:
    """Be the only process that writes root-key files in this folder; one that dies lets go."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def written_beside(path: Path, keys: Mapping[int, bytes]) -> Path:
    """Write a file of generations, mode 0600 and durable, beside `path`. A name that `left_beside` finds."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    text = json.dumps({str(generation): base64.b64encode(key).decode() for generation, key in keys.items()})
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def left_beside(path: Path) -> list[Path]:
    """Return what a writer that died left: it holds keys. Only under the folder's lock."""
    return list(path.parent.glob(f".{glob.escape(path.name)}.????????"))


def _bytes_of(path: Path) -> bytes:
    """Read the file; again where a rotation replaced it meanwhile, since it blanks the old one."""
    while True:
        with path.open("rb") as file:
            read = file.read()
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return read


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns


def _refuse_if_open_to_others(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o007:
        raise SettingsError(
            f"{VARIABLE} names {path}, which every user of this machine can read. Run: chmod 600 {path}"
        )
