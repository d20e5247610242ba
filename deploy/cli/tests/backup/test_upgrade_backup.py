"""The backup of before an upgrade serves however often the upgrade is run, and no nightly one pushes it out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.errors import PermanentError
from guichet.mongo.backup_files import Manifest, next_in_row, write_manifest
from guichet_cli.backup.nightly import VERIFIED, remove_old
from guichet_cli.console.upgrade_backup import backup_of_upgrade, begin_upgrade, end_upgrade

NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


def a_good_one(folder: Path, at: datetime = NOW) -> Path:
    path = next_in_row(folder, "data-", at)
    path.mkdir()
    write_manifest(path, Manifest(kind="data", taken_at=at, version="1", files=()))
    (path / VERIFIED).touch()
    return path


def test_it_serves_until_the_upgrade_has_ended(tmp_path: Path) -> None:
    assert backup_of_upgrade(tmp_path, NOW) is None
    path = a_good_one(tmp_path)
    assert backup_of_upgrade(tmp_path, NOW) is None, "of a night"
    begin_upgrade(path)
    assert backup_of_upgrade(tmp_path, NOW + AN_HOUR) == path
    end_upgrade(tmp_path)
    end_upgrade(tmp_path)
    assert backup_of_upgrade(tmp_path, NOW + AN_HOUR) is None


def test_after_a_day_somebody_says_whether_services_ran_since(tmp_path: Path) -> None:
    begin_upgrade(a_good_one(tmp_path))
    with pytest.raises(PermanentError, match="guichet backup upgraded"):
        backup_of_upgrade(tmp_path, NOW + 2 * A_DAY)


def test_one_that_was_removed_does_not_serve(tmp_path: Path) -> None:
    path = a_good_one(tmp_path)
    begin_upgrade(path)
    path.rename(tmp_path / "elsewhere")
    assert backup_of_upgrade(tmp_path, NOW) is None


def test_newer_ones_do_not_push_it_out_and_age_does(tmp_path: Path) -> None:
    before = a_good_one(tmp_path)
    begin_upgrade(before)
    newer = [a_good_one(tmp_path, NOW + night * A_DAY) for night in range(1, 6)]
    remove_old(tmp_path, 2, now=NOW, kept_for=A_DAY)
    assert sorted(tmp_path.glob("data-*")) == [before, *newer[-2:]]
    remove_old(tmp_path, 2, now=NOW + 2 * A_DAY, kept_for=A_DAY)
    assert sorted(tmp_path.glob("data-*")) == newer[-2:]
