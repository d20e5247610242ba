"""What left is known on another disk than the store's, also after a kill, and by every notifier."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.errors import TransientError
from guichet.store.sending_journal import FILE, SqliteJournal, Standing

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def journal(folder: Path, now: datetime = NOW) -> SqliteJournal:
    return SqliteJournal(folder, lambda: now)


def files_in(folder: Path) -> list[Path]:
    return [*folder.iterdir()]


@pytest.fixture(autouse=True)
def begun(tmp_path: Path) -> None:
    """An operator begins one (docs/backup-and-restore.md)."""
    (tmp_path / FILE).touch(mode=0o600)


async def test_another_process_knows_what_left_and_what_may_have(tmp_path: Path) -> None:
    first = journal(tmp_path)
    assert await first.begin(["a", "b", "c"]) == {}
    await first.left(["a"])
    await first.withdraw(["c"])
    second = journal(tmp_path)
    assert await second.begin(["a", "b", "c"]) == {"a": Standing.LEFT, "b": Standing.BEGUN}
    assert await second.standings(["a", "b", "c", "d"]) == {
        "a": Standing.LEFT,
        "b": Standing.BEGUN,
        "c": Standing.BEGUN,
    }


async def test_what_left_is_not_withdrawn(tmp_path: Path) -> None:
    one = journal(tmp_path)
    await one.left(["a"])
    await one.withdraw(["a"])
    assert await one.standings(["a"]) == {"a": Standing.LEFT}


async def test_two_notifiers_write_side_by_side(tmp_path: Path) -> None:
    both = [journal(tmp_path), journal(tmp_path)]
    await asyncio.gather(*(each.begin([f"{nth}-{n}"]) for nth, each in enumerate(both) for n in range(50)))
    assert len(await both[0].standings([f"{nth}-{n}" for nth in range(2) for n in range(50)])) == 100


async def test_it_forgets_what_is_older_than_any_backup(tmp_path: Path) -> None:
    await journal(tmp_path, NOW - timedelta(days=36)).left(["old"])
    await journal(tmp_path, NOW - timedelta(days=34)).left(["young"])
    await journal(tmp_path).forget_old()
    assert await journal(tmp_path).standings(["old", "young"]) == {"young": Standing.LEFT}


async def test_a_disk_that_is_not_mounted_passes_for_no_empty_journal(tmp_path: Path) -> None:
    one = journal(tmp_path / "disk")
    with pytest.raises(TransientError, match="GUICHET_NOTIFIER_JOURNAL names"):
        await one.begin(["a"])
    assert not (tmp_path / "disk").exists()
    (tmp_path / "disk").mkdir()  # where it is mounted lies an empty folder
    with pytest.raises(TransientError, match="no journal was begun there"):
        await one.begin(["a"])
    assert not files_in(tmp_path / "disk")
    (tmp_path / "disk" / FILE).touch()
    assert await one.begin(["a"]) == {}
    (tmp_path / "disk").rename(tmp_path / "unmounted")
    (tmp_path / "disk").mkdir()
    with pytest.raises(TransientError, match="no journal was begun there"):
        await one.standings(["a"])
    (tmp_path / "disk").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "disk")
    assert await one.standings(["a"]) == {"a": Standing.BEGUN}


async def test_what_is_no_journal_is_said_and_nothing_leaves(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(TransientError, match="cannot be used"):
        await journal(tmp_path).check()


async def test_nobody_else_reads_it(tmp_path: Path) -> None:
    await journal(tmp_path).left(["a"])
    assert all(each.stat().st_mode & 0o077 == 0 for each in files_in(tmp_path))
