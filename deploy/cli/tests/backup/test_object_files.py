"""Files of a backup on their way back: what was put in their place is given to nobody."""

import hashlib
from pathlib import Path

import pytest

from guichet.errors import PermanentError
from guichet.mongo.backup_files import BackupFile, Manifest, write_manifest
from guichet_cli.backup.check import whole_backup
from guichet_cli.backup.object_files import put_back
from guichet_cli.console.progress import Progress
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.objects import InMemoryObjects


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup with one file of a citizen's and one collection; beside it what only the restoring process reads."""
    (tmp_path / "root.key").write_bytes(b"opens everything")
    folder = tmp_path / "backup"
    (folder / "objects").mkdir(parents=True)
    (folder / "objects" / "file").write_bytes(b"sealed")
    (folder / "objects.sha256").write_text(f"{hashlib.sha256(b'sealed').hexdigest()}  objects/file\n")
    (folder / "cases.bson.gz").write_bytes(b"cases")
    cases = BackupFile(name="cases.bson.gz", size=5, sha256=hashlib.sha256(b"cases").hexdigest(), documents=0)
    write_manifest(folder, Manifest(kind="data", taken_at=ARRIVED, version="1", files=(cases,), objects=1))
    return folder


async def test_what_was_put_in_a_files_place_since_the_check_goes_nowhere(backup: Path) -> None:
    whole_backup(backup, Progress())
    (backup / "objects" / "file").unlink()
    (backup / "objects" / "file").symlink_to(backup.parent / "root.key")
    objects = InMemoryObjects()
    with pytest.raises(PermanentError, match="damaged"):
        await put_back(objects, backup, Progress().beat)
    assert [key async for key in objects.all_keys()] == []


def test_what_was_added_to_a_backup_is_found_before_anything_changes(backup: Path) -> None:
    (backup / "audit.bson.gz").write_bytes(b"entries that nobody made")
    with pytest.raises(PermanentError, match=r"audit\.bson\.gz was added"):
        whole_backup(backup, Progress())
    (backup / "audit.bson.gz").unlink()
    (backup / "more").symlink_to("/etc")
    with pytest.raises(PermanentError, match="more was added"):
        whole_backup(backup, Progress())
