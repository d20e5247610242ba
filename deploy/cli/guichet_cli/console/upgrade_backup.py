"""The backup that an upgrade begins with: made once, however often the upgrade is run again, by the code of before.

A second one, made by the code that failed, would hold what that had changed already, and be the newest that is good.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from guichet.errors import PermanentError
from guichet.mongo.backup_files import read_manifest

BEFORE_UPGRADE: Final = "before-upgrade"
"""A file in a backup that no number of newer ones pushes out."""
_UNDER_WAY: Final = ".upgrading"
_BEGUN_AT_MOST_AGO: Final = timedelta(days=1)


def backup_of_upgrade(folder: Path, now: datetime) -> Path | None:
    """Return the backup that an upgrade which has not ended was begun with; None: none is under way.

    Raises PermanentError where that is so long ago that services may have run since.
    """
    path = noted_backup(folder)
    if path is None:
        return None
    try:
        taken_at = read_manifest(path, "data").taken_at
    except PermanentError:  # damaged since
        return None
    if now - taken_at > _BEGUN_AT_MOST_AGO:
        raise PermanentError(
            f"An upgrade was begun with {path} and did not end. Did services run since? Then: guichet backup upgraded,"
            " and run the upgrade again; it begins with a backup of its own."
        )
    return path


def noted_backup(folder: Path) -> Path | None:
    """Return the backup that is noted, however old; None: none is, or it was removed since."""
    try:
        path = folder / (folder / _UNDER_WAY).read_text().strip()
    except FileNotFoundError:
        return None
    return path if path.is_dir() else None


def begin_upgrade(path: Path) -> None:
    """Note that an upgrade begins with this backup."""
    (path / BEFORE_UPGRADE).touch(mode=0o600)
    (path.parent / _UNDER_WAY).write_text(f"{path.name}\n")


def end_upgrade(folder: Path) -> None:
    """Note that it has ended, or is given up: the next one makes a backup of its own."""
    (folder / _UNDER_WAY).unlink(missing_ok=True)
