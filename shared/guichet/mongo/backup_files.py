"""A backup's folder: files, and a manifest written last, without which it is none.

    manifest.json          when, of what, every file with its size, documents and SHA-256
    <collection>.bson.gz   documents as MongoDB holds them; `mongorestore --gzip` reads them too
    objects/<key>          files of the object store, as they are (sealed)
    objects.sha256         their digests, as `sha256sum -c` reads them

What is sealed stays sealed: a data backup opens nothing without the vault, and the vault's nothing without the root-key
file, which no backup ever holds.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import AwareDatetime, ValidationError

from guichet.contracts.base import Contract
from guichet.errors import GuichetError, PermanentError
from guichet.runtime.disk import flush_to_disk

MANIFEST: Final = "manifest.json"
_WHEN: Final = "%Y%m%dT%H%M%S%fZ"
Kind = Literal["data", "vault"]


class BackupFile(Contract):
    """A file beside the manifest. documents: how many it holds; size in bytes."""

    name: str
    size: int
    sha256: str
    documents: int


class GroupOffset(Contract):
    """Where a group stood on a partition before the dump; None: it had never committed there."""

    group: str
    topic: str
    partition: int
    offset: int | None


class Manifest(Contract):
    """What a backup is. taken_at: everything in it is at least as new. objects: files of the object store."""

    kind: Kind
    taken_at: AwareDatetime
    version: str
    files: tuple[BackupFile, ...]
    objects: int | None = None
    offsets: tuple[GroupOffset, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents it holds."""
        return sum(file.documents for file in self.files)


class HashingFile:
    """A file to write to that knows the digest of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes) -> int:
        """Write bytes."""
        self._digest.update(piece)
        self.size += len(piece)
        return self._file.write(piece)

    def flush(self) -> None:
        """Hand them to the system."""
        self._file.flush()

    @property
    def sha256(self) -> str:
        """The digest of all that was written, in hexadecimal."""
        return self._digest.hexdigest()


@contextmanager
def private_file(path: Path) -> Iterator[HashingFile]:
    """Write a new file, readable by its owner alone and durable at the end."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield HashingFile(file)
        file.flush()
        os.fsync(file.fileno())
    flush_to_disk(path.parent)


def current_version() -> str:
    """Return the version of Guichet that makes a backup."""
    return version("guichet")


def next_in_row(folder: Path, prefix: str, now: datetime) -> Path:
    """Return where the next of a row of backups is to lie: called by now, or right after the last if clocks went back.

    The newest by name is the one that was made last.
    """
    row = (made_at(path, prefix) for path in folder.glob(f"{prefix}*"))
    last = max((each for each in row if each is not None), default=None)
    at = now if last is None else max(now, last + timedelta(microseconds=1))
    return folder / f"{prefix}{at.astimezone(UTC):{_WHEN}}"


def made_at(path: Path, prefix: str) -> datetime | None:
    """Return what one of a row is called by; None for a name of another kind."""
    try:
        return datetime.strptime(path.name.removeprefix(prefix), _WHEN).replace(tzinfo=UTC)
    except ValueError:
        return None


def new_folder(folder: Path) -> None:
    """Make the folder, for its owner alone. Raises PermanentError where something lies in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise PermanentError(f"{folder} is not empty. Name a new folder for each backup.")
    except OSError as exc:
        raise PermanentError(f"{folder} cannot be made ({exc.strerror}).") from exc


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the folder a backup: durably, and in one step."""
    beside = folder / f".{MANIFEST}"
    with private_file(beside) as file:
        file.write(manifest.model_dump_json(indent=1).encode())
    beside.rename(folder / MANIFEST)
    flush_to_disk(folder)


def read_manifest(folder: Path, kind: Kind) -> Manifest:
    """Return the manifest. Raises PermanentError when the folder is no such backup."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as exc:
        raise PermanentError(f"{folder} is no complete backup: {MANIFEST} is not there.") from exc
    except ValidationError as exc:
        raise damaged(folder / MANIFEST) from exc
    if manifest.kind != kind:
        raise PermanentError(f"{folder} is a backup of the {manifest.kind}, not of the {kind}.")
    return manifest


def verify(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Compare every file with its digest; yield each name once it is found whole. Raises PermanentError."""
    for file in manifest.files:
        if digest_of(folder / file.name) != file.sha256:
            raise damaged(folder / file.name)
        yield file.name


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file in hexadecimal, or None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def damaged(path: Path) -> GuichetError:
    """Return the error of a file that is missing or not what was written."""
    return PermanentError(f"{path} is damaged or missing. Nothing was changed: restore another backup.")
