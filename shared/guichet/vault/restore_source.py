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


def choose(
    folder: Path | None, copy: Path | None, backups: Path | None, *, also_an_older: bool, warn: Callable[[str], None]
) -> Candidate:
    """Return what to restore from: this folder, or the newest of the second copy and the vault's own backups.

    copy, backups: as the settings name them. also_an_older: also where one of these is newer. warn: told of one that is
    damaged beside the folder, and might be newer. Raises PermanentError where the choice is damaged, refused or none.
    """
    rivals = _newest_of_each(copy, backups)
    if folder is None:
        return _newest(rivals)
    candidate = candidate_in(folder)
    if not also_an_older:
        for rival in rivals:
            _refuse_if_older(candidate, rival, warn)
    return candidate


def _newest_of_each(copy: Path | None, backups: Path | None) -> list[Path]:
    copies = [newest_copy(copy)] if copy is not None else []
    return [each for each in (*copies, *(whole_backups(backups)[-1:] if backups is not None else ())) if each]


def _newest(folders: list[Path]) -> Candidate:
    """A damaged one is not passed over unasked: it might hold keys that no other does."""
    if not folders:
        raise PermanentError(
            "GUICHET_VAULT_COPY and GUICHET_VAULT_BACKUPS name no copy and no backup of the vault. Name its folder."
        )
    try:
        return max(map(candidate_in, folders), key=lambda each: each.age)
    except PermanentError as exc:
        raise PermanentError(f"{exc} Name the folder of a good one.") from exc


def _refuse_if_older(candidate: Candidate, folder: Path, warn: Callable[[str], None]) -> None:
    """Raise PermanentError where the rival in this folder is newer: keys made since would be lost."""
    try:
        rival = candidate_in(folder)
    except (PermanentError, OSError) as exc:
        warn(f"It cannot be known whether {folder} is newer: {exc}")
        return
    if rival.folder.resolve() != candidate.folder.resolve() and rival.age > candidate.age:
        raise PermanentError(
            f"{rival.folder} is newer: it holds the vault of {rival.held_until:%Y-%m-%d %H:%M:%S} UTC, this one that "
            f"of {candidate.held_until:%Y-%m-%d %H:%M:%S} UTC. Restore the newer one, or give --not-the-newest."
        )
