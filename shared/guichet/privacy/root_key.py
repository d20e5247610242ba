"""The root key: the vault's only secret outside MongoDB, a file of generations that nobody but its owner may read.

    {"1": "<32 bytes, base64>"}

A turn adds a generation and takes the old one out. With the file gone, nothing that was ever sealed can be opened.
"""

import base64
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, RootModel, ValidationError

from guichet.errors import SettingsError, TransientError
from guichet.privacy.sealing import KEY_BYTES
from guichet.runtime.disk import flush_to_disk
from guichet.runtime.settings import SecretKey

VARIABLE = "GUICHET_ROOT_KEY_FILE"


class _Generations(RootModel[dict[int, SecretKey]]):
    root: dict[int, SecretKey] = Field(min_length=1)


class RootKeyFile:
    """The file as a service sees it. Raises SettingsError, naming variable and remedy, when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys = read_root_keys(path)

    def newest(self) -> tuple[int, bytes]:
        """Return the newest generation and its key."""
        return max(self._keys.items())

    def key(self, generation: int) -> bytes:
        """Return a generation's key; the file is read again for one not yet known, since a turn may have added it.

        Raises TransientError while the file lacks it: nothing may be taken for erased or buried for that.
        """
        if generation not in self._keys:
            self._keys = self._read_again()
        if generation not in self._keys:
            raise TransientError(f"{VARIABLE}: the file lacks root key {generation}. Restore the newest root-key file.")
        return self._keys[generation]

    def _read_again(self) -> dict[int, bytes]:
        try:
            return read_root_keys(self.path)
        except SettingsError as exc:
            raise TransientError(str(exc)) from exc


def read_root_keys(path: Path) -> dict[int, bytes]:
    """Return generation → key. Raises SettingsError when the file is missing, open to others or unreadable."""
    try:
        _refuse_if_open_to_others(path)
        generations = _Generations.model_validate_json(path.read_bytes())
    except FileNotFoundError as exc:
        remedy = "Run `guichet vault init` on a new installation; on an old one restore the file."
        raise SettingsError(f"{VARIABLE} names {path}, which does not exist. {remedy}") from exc
    except OSError as exc:
        raise SettingsError(f"{VARIABLE} names {path}, which cannot be read: {exc.strerror}.") from exc
    except ValidationError as exc:
        raise SettingsError(f"{VARIABLE} names {path}, which is no root-key file. Restore the right one.") from exc
    return {generation: key.get_secret_value() for generation, key in generations.root.items()}


def make_root_key_file(path: Path) -> bool:
    """Make a file with a first generation, mode 0600. Returns False and leaves it where one is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = _written_beside(path, {1: secrets.token_bytes(KEY_BYTES)})
    try:
        os.link(written, path)  # atomic, and never over an existing file
    except FileExistsError:
        return False
    finally:
        written.unlink()
    flush_to_disk(path.parent)
    return True


def _written_beside(path: Path, keys: Mapping[int, bytes]) -> Path:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    text = json.dumps({str(generation): base64.b64encode(key).decode() for generation, key in keys.items()})
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _refuse_if_open_to_others(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o007:
        raise SettingsError(
            f"{VARIABLE} names {path}, which every user of this machine can read. Run: chmod 600 {path}"
        )
