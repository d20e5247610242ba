"""The public keys of the doors: files that deployment alone writes, one a key, each naming whose it is.

    {"producer": "agent-desk", "public_key": "<base64 of 32 bytes>", "until": "2027-03-01T00:00:00Z"}

A file's name means nothing: the key's id follows from the key. A key stays as long as a record that it signed can come
again, from its topic or from a dead letter; `until` ends it for what is signed afterwards.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Protocol

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

from guichet.contracts.base import Box
from guichet.errors import SettingsError
from guichet.ids import derive_id

log = structlog.get_logger()

SUFFIX: Final = ".json"
KNOWN_FOR: Final = timedelta(seconds=10)  # after that, a key that was taken away is no longer believed
UNKNOWN_FOR: Final = timedelta(seconds=1)  # a forger who names keys at random makes us read no oftener


def _a_key(public_key: bytes) -> bytes:
    Ed25519PublicKey.from_public_bytes(public_key)
    return public_key


class PublicKey(BaseModel):
    """One file. until: the end of its use for signing; None: in use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    producer: str
    public_key: Annotated[Box, AfterValidator(_a_key)]
    until: AwareDatetime | None = None

    @property
    def key_id(self) -> str:
        """Its id: made of the key itself."""
        return key_id_of(self.public_key)

    def signs_at(self, at: datetime) -> bool:
        """Return whether what was signed at that time counts."""
        return self.until is None or at <= self.until


def key_id_of(public_key: bytes) -> str:
    """Return the id of a public key (32 raw bytes): nobody can find another key with the same."""
    return derive_id("signing-key", public_key.hex())


class PublicKeys(Protocol):
    """Where a verifier finds keys."""

    def find(self, key_id: str) -> PublicKey | None:
        """Return the key of that id, or None where deployment knows none."""


class PublicKeyFolder(PublicKeys):
    """The folder GUICHET_PUBLIC_KEYS, read again when it may have changed.

    Raises SettingsError when it holds no key, or something else. Read again, a folder in disorder changes nothing:
    what was believed before still is, and the log says so.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._keys = read_folder(folder)
        if not self._keys:
            raise SettingsError(f"GUICHET_PUBLIC_KEYS is {folder}, which holds no key: {_REMEDY}")
        self._read_at = clock()

    def find(self, key_id: str) -> PublicKey | None:
        patience = KNOWN_FOR if key_id in self._keys else UNKNOWN_FOR
        if self._clock() - self._read_at > patience.total_seconds():
            self._read_again()
        return self._keys.get(key_id)

    def _read_again(self) -> None:
        self._read_at = self._clock()
        try:
            self._keys = read_folder(self._folder)
        except SettingsError as exc:
            log.error("public keys cannot be read again", error=str(exc))


_REMEDY: Final = "`guichet signing-keys new` makes one; docs/operations.md, Signing keys, says where it must lie."


def read_folder(folder: Path) -> Mapping[str, PublicKey]:
    """Return the keys of a folder, by id. Raises SettingsError."""
    if not folder.is_dir():
        raise SettingsError(f"GUICHET_PUBLIC_KEYS is {folder}, which is no folder: {_REMEDY}")
    keys = (read_key(file) for file in sorted(folder.glob(f"*{SUFFIX}")))
    return {key.key_id: key for key in keys}


def read_key(file: Path) -> PublicKey:
    """Return the key in a file. Raises SettingsError."""
    try:
        return PublicKey.model_validate_json(file.read_bytes())
    except (OSError, ValidationError, ValueError) as exc:
        raise SettingsError(f"{file} is no public key of a door: {_REMEDY}") from exc
