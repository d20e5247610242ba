"""Which folder a lost vault is restored from: the newest that can be read, or the one that the operator names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bson.timestamp import Timestamp

from guichet.errors import PermanentError
from guichet.mongo.backup_files import Manifest, write_manifest
from guichet.vault.copy.changes import Changes
from guichet.vault.copy.folder import CHANGES, GrowingCopy
from guichet.vault.restore_source import choose

NIGHT = datetime(2031, 5, 5, 2, tzinfo=UTC)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """A folder with the vault's backups of two nights."""
    for night in (NIGHT - timedelta(days=1), NIGHT):
        _made(tmp_path / "backups" / f"vault-{night:%Y%m%dT%H%M%S}", night)
    return tmp_path / "backups"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The folder of a copy that holds an hour more than the newest backup."""
    path = _made(tmp_path / "copy" / "copy-20310504T020000000000Z", NIGHT - timedelta(days=1))
    copy = GrowingCopy(path)
    for minute in (30, 60):
        copy.add(Changes(Timestamp(NIGHT + timedelta(minutes=minute), 1), {}))
    copy.close()
    return tmp_path / "copy"


def _made(path: Path, taken_at: datetime) -> Path:
    path.mkdir(parents=True)
    write_manifest(path, Manifest(kind="vault", taken_at=taken_at, version="1.0", files=()))
    return path


def _damage(copy: Path) -> None:
    [changes] = copy.glob(f"*/{CHANGES}")
    held = bytearray(changes.read_bytes())
    held[40] ^= 1
    changes.write_bytes(held)


def _unheard(warning: str) -> None:
    pytest.fail(warning)


def test_without_a_folder_it_is_the_newest_of_all(copy: Path, backups: Path) -> None:
    def chosen(copy: Path | None) -> Path:
        return choose(None, copy, backups, also_an_older=False, warn=_unheard).folder.parent

    assert (chosen(copy), chosen(None)) == (copy, backups)


def test_without_any_the_folder_must_be_named() -> None:
    with pytest.raises(PermanentError, match="name no copy and no backup"):
        choose(None, None, None, also_an_older=False, warn=_unheard)


def test_an_older_one_is_taken_only_if_that_is_meant(copy: Path, backups: Path) -> None:
    old, new = sorted(backups.iterdir())
    for folder, rivals in ((new, (copy, backups)), (old, (None, backups))):
        with pytest.raises(PermanentError, match="is newer"):
            choose(folder, *rivals, also_an_older=False, warn=_unheard)
        assert choose(folder, *rivals, also_an_older=True, warn=_unheard).folder == folder


def test_beside_a_damaged_copy_a_good_backup_can_be_named(copy: Path, backups: Path) -> None:
    _damage(copy)
    warnings: list[str] = []
    old, new = sorted(backups.iterdir())
    with pytest.raises(PermanentError, match=r"damaged.* Name the folder"):
        choose(None, copy, backups, also_an_older=False, warn=_unheard)
    assert choose(new, copy, backups, also_an_older=False, warn=warnings.append).folder == new
    assert "damaged" in warnings.pop()
    with pytest.raises(PermanentError, match="is newer"):
        choose(old, copy, backups, also_an_older=False, warn=warnings.append)
    assert choose(old, copy, backups, also_an_older=True, warn=_unheard).folder == old


def test_a_damaged_one_that_is_named_is_refused(copy: Path, backups: Path) -> None:
    _damage(copy)
    with pytest.raises(PermanentError, match="damaged"):
        choose(copy, copy, backups, also_an_older=True, warn=_unheard)
