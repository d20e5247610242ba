"""The newest of a row of folders is the one that was made last, whatever the clock did."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from guichet.mongo.backup_files import next_in_row

NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)


def test_it_is_called_by_the_moment(tmp_path: Path) -> None:
    assert next_in_row(tmp_path, "data-", NOW).name == "data-20260302T033000000000Z"


def test_after_a_clock_that_was_set_back_it_follows_the_last(tmp_path: Path) -> None:
    made = []
    for now in (NOW, NOW + timedelta(days=900), NOW, NOW, NOW + timedelta(days=1)):
        path = next_in_row(tmp_path, "data-", now)
        path.mkdir()
        made.append(path)
    assert sorted(made) == made


def test_what_is_called_otherwise_is_passed_over(tmp_path: Path) -> None:
    for name in ("data-by-hand", "other-20990302T033000000000Z", "data-20990302T033000000000Z.new"):
        (tmp_path / name).mkdir()
    assert next_in_row(tmp_path, "data-", NOW).name == "data-20260302T033000000000Z"
