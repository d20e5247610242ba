"""What a town ran by before an upgrade began, however often that is run again: git and a note keep it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from guichet.errors import GuichetError
from guichet.mongo.dump import file_of, read_documents
from guichet.runtime.settings import BackupSettings, read_settings
from guichet.store.setup.migration_records import COLLECTION as MIGRATIONS
from guichet_cli.console.upgrade_backup import noted_backup
from guichet_cli.upgrade.failed import Before

_REF: Final = "refs/guichet/before"
_TABLE: Final = "shared/guichet/store/setup/migration_table.py"
_ROW: Final = re.compile(r"Migration\(\s*(\d+),")


def remember_version(code: Path) -> None:
    """Have git remember the version that is here, unless an upgrade is under way: then it does already."""
    if not is_under_way():
        _git(code, "update-ref", _REF, "HEAD")


def is_under_way() -> bool:
    """Return whether an upgrade has begun and not ended."""
    return noted() is not None


def is_changed(code: Path) -> bool:
    """Return whether the code here is another than before the upgrade which is under way."""
    return _git(code, "rev-parse", "HEAD") != _git(code, "rev-parse", _REF)


def what_was(code: Path) -> Before:
    """Return it."""
    return Before(_git(code, "describe", "--tags", "--always", _REF), noted(), _town_files())


def unknown_migrations(code: Path, version: str, backup: Path) -> list[int]:
    """Return which migrations a backup has been through and a version does not know: that one cannot put it back."""
    table, file = _git(code, "show", f"{version}:{_TABLE}"), backup / file_of(MIGRATIONS)
    if table is None or not file.exists():  # that version says so itself
        return []
    been_through = {each["_id"] for each in read_documents(file) if isinstance(each["_id"], int)}  # one is a lease
    return sorted(been_through - {int(each) for each in _ROW.findall(table)})


def noted() -> Path | None:
    """Return the backup that the upgrade which is under way began with."""
    try:
        return noted_backup(read_settings(BackupSettings).backups)
    except GuichetError:  # a deployment that keeps no backups here
        return None


def _town_files() -> tuple[Path, Path] | None:
    """Return the town's folder and its copy of before, where it was made since the backup."""
    folder, backup = Path(os.environ.get("GUICHET_TOWN", "")), noted()
    if backup is None or not folder.name:
        return None
    since = backup.stat().st_mtime
    made = [each for each in folder.parent.glob(f"{folder.name}.v*") if each.stat().st_ctime > since]
    return (folder, max(made, key=lambda each: each.stat().st_ctime)) if made else None


def _git(code: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", code, *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
    except OSError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
