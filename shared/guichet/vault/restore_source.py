"""What a lost vault can be restored from: a backup of it, or its second copy; and which is the newest."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from guichet.errors import PermanentError
from guichet.mongo.backup_files import read_manifest, verify
from guichet.mongo.dump import file_of, read_documents
from guichet.vault.backup import whole_backups
from guichet.vault.copy.copied_vault import CopiedVault
from guichet.vault.copy.folder import CHANGES, newest_copy


class VaultSource(Protocol):
    """A backup or a copy, as it is read."""

    def documents(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield what a collection held. Raises PermanentError where it is damaged."""


class BackedUpVault(VaultSource):
    """A backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def documents(self, name: str) -> Iterator[Mapping[str, Any]]:
        return read_documents(self._folder / file_of(name))


@dataclass(frozen=True)
class Candidate:
    """A folder that a vault can be restored from. held_until: it holds all that the vault held then."""

    folder: Path
    held_until: datetime
    source: VaultSource

    @property
    def age(self) -> tuple[datetime, bool]:
        """What says which is newer. The server counts in seconds: in the same one, the copy that went on holds more."""
        return self.held_until.replace(microsecond=0), isinstance(self.source, CopiedVault)


def candidate_in(folder: Path) -> Candidate:
    """Return what this folder holds: a backup, a copy, or the setting's folder with a copy in it.

    Raises PermanentError where it is neither, or damaged.
    """
    path = newest_copy(folder) or folder
    if (path / CHANGES).exists():
        copied = CopiedVault(path)
        held_until = copied.last.at.as_datetime() if copied.last else copied.manifest.taken_at
        return Candidate(path, held_until.astimezone(UTC), copied)
    return Candidate(path, read_manifest(path, "vault").taken_at, BackedUpVault(path))


def check_whole(candidate: Candidate, say: Callable[[str], None]) -> None:
    """Read every file of it. say: told of each that is whole. Raises PermanentError."""
    for name in verify(candidate.folder, read_manifest(candidate.folder, "vault")):
        say(f"{name} is whole")


def newest_candidate(copy: Path | None, backups: Path | None) -> Candidate | None:
    """Return the newest of the second copy and the vault's own backups, as the settings name them; None: there is none.

    Raises PermanentError where one that is there is damaged.
    """
    folders = [newest_copy(copy)] if copy is not None else []
    folders += whole_backups(backups)[-1:] if backups is not None else []
    there = [candidate_in(each) for each in folders if each is not None]
    return max(there, key=lambda each: each.age, default=None)


def refuse_if_older(candidate: Candidate, newest: Candidate | None) -> None:
    """Raise PermanentError where another one is newer: keys made since would be lost."""
    if newest is None or newest.folder.resolve() == candidate.folder.resolve():
        return
    if newest.age > candidate.age:
        raise PermanentError(
            f"{newest.folder} is newer: it holds the vault of {newest.held_until:%Y-%m-%d %H:%M:%S} UTC, this one that "
            f"of {candidate.held_until:%Y-%m-%d %H:%M:%S} UTC. Restore the newer one, or give --not-the-newest."
        )
