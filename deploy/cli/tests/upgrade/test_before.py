"""The version and the backup of before are the same however often an upgrade is run again."""

import gzip
import subprocess
from pathlib import Path

import bson
import pytest

from guichet.mongo.dump import file_of
from guichet_cli.console.upgrade_backup import begin_upgrade, end_upgrade
from guichet_cli.upgrade.before import (
    is_changed,
    is_under_way,
    remember_version,
    unknown_migrations,
    what_was,
)


def git(code: Path, *words: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@mairie.example")
    subprocess.run(["git", "-C", str(code), *who, *words], check=True, capture_output=True)


def release(code: Path, version: str) -> None:
    (code / "version").write_text(version)
    git(code, "add", "version")
    git(code, "commit", "--no-verify", "-m", version)
    git(code, "tag", version)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    git(folder, "init", "--quiet")
    release(folder, "v1.1")
    release(folder, "v1.2")
    git(folder, "checkout", "--quiet", "--detach", "v1.1")
    monkeypatch.setenv("GUICHET_BACKUPS", str(tmp_path / "backups"))
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path / "town"))
    return folder


def backed_up(tmp_path: Path) -> Path:
    backup = tmp_path / "backups" / "data-1"
    backup.mkdir(parents=True)
    begin_upgrade(backup)
    return backup


def test_the_version_of_before_stays_while_an_upgrade_is_under_way(code: Path, tmp_path: Path) -> None:
    remember_version(code)
    backup = backed_up(tmp_path)
    assert is_under_way()
    assert not is_changed(code)
    git(code, "checkout", "--quiet", "--detach", "v1.2")
    assert is_changed(code)
    remember_version(code)  # run again
    was = what_was(code)
    assert (was.version, was.backup, was.town_files) == ("v1.1", backup, None)
    end_upgrade(tmp_path / "backups")
    remember_version(code)
    assert (what_was(code).version, what_was(code).backup) == ("v1.2", None)


def test_a_town_s_folder_of_before_is_one_that_was_kept_since_the_backup(code: Path, tmp_path: Path) -> None:
    remember_version(code)
    (tmp_path / "town.v1").mkdir()
    backed_up(tmp_path)
    assert what_was(code).town_files is None
    (tmp_path / "town.v2").mkdir()
    assert what_was(code).town_files == (tmp_path / "town", tmp_path / "town.v2")


def test_code_that_git_does_not_know_has_no_version(tmp_path: Path) -> None:
    remember_version(tmp_path)
    assert what_was(tmp_path).version is None


def test_a_backup_that_a_later_version_made_is_known_before_anything_stops(code: Path, tmp_path: Path) -> None:
    table = code / "shared/guichet/store/setup/migration_table.py"
    table.parent.mkdir(parents=True)
    table.write_text('    Migration(10, "a", "m0010_a"),\n    Migration(\n        50,\n        "b",\n    ),\n')
    git(code, "add", ".")
    git(code, "commit", "--no-verify", "-m", "v1.3")
    git(code, "tag", "v1.3")
    with gzip.open(tmp_path / file_of("migrations"), "wb") as file:
        file.write(b"".join(bson.encode({"_id": number}) for number in ("lease", 10, 50, 980)))
    assert unknown_migrations(code, "v1.3", tmp_path) == [980]
    assert unknown_migrations(code, "v1.1", tmp_path) == []  # it has no such table, and says so itself
