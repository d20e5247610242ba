"""What the backup before holds already is linked to, not written again: whose bytes those are, and for how long."""

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.errors import PermanentError
from guichet.mongo.backup_files import Manifest, new_folder, next_in_row, write_manifest
from guichet_cli.backup.check import whole_backup
from guichet_cli.backup.nightly import VERIFIED, remove_old
from guichet_cli.backup.object_files import DIGESTS, FOLDER, save_objects
from guichet_cli.console.progress import Progress
from guichet_testing.twins.store.objects import InMemoryObjects

NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)
SIZE = 64 * 1024


class Nights:
    """A town's files, and a good backup a night of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.objects = InMemoryObjects()
        self.earlier: Path | None = None

    async def put(self, *names: str) -> None:
        for name in names:
            await self.objects.put(f"m-{name}/0", name.encode() * SIZE)

    async def night(self) -> Path:
        self.now += A_DAY
        path = next_in_row(self.folder, "data-", self.now)
        new_folder(path)
        digests, count = await save_objects(self.objects, path, nothing, self.earlier)
        write_manifest(path, Manifest(kind="data", taken_at=self.now, version="1", files=(digests,), objects=count))
        (path / VERIFIED).touch()
        self.earlier = path
        return path


async def nothing(part: str, count: int) -> None:
    """Show no progress."""


def files(backup: Path) -> dict[str, os.stat_result]:
    there = (each for each in (backup / FOLDER).rglob("*") if each.is_file())
    return {str(each.relative_to(backup / FOLDER)): each.stat() for each in there}


def blocks_beside(backup: Path, *others: Path) -> int:
    """Return how much room a backup's files take that those of others do not take already."""
    taken = {each.st_ino for other in others for each in files(other).values()}
    return sum(each.st_blocks for each in files(backup).values() if each.st_ino not in taken)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


async def test_a_second_backup_of_the_same_files_takes_no_more_room(nights: Nights):
    await nights.put("a", "b", "c")
    first, second = await nights.night(), await nights.night()
    assert blocks_beside(first) >= 3 * SIZE // 512
    assert blocks_beside(second, first) == 0
    await nights.put("d")
    third = await nights.night()
    assert SIZE // 512 <= blocks_beside(third, second) <= 2 * SIZE // 512
    assert whole_backup(third, Progress()).objects == 4


async def test_a_newer_backup_is_whole_once_the_older_is_gone(nights: Nights):
    await nights.put("a", "b")
    first, second = await nights.night(), await nights.night()
    remove_old(nights.folder, 1, now=nights.now, kept_for=35 * A_DAY)
    assert not first.exists()
    assert whole_backup(second, Progress()).objects == 2


async def test_what_was_put_again_in_other_words_is_copied_again(nights: Nights):
    await nights.put("a")
    first = await nights.night()
    await nights.objects.delete("m-a/0")  # no file is ever overwritten
    await nights.objects.put("m-a/0", b"sealed anew")
    second = await nights.night()
    assert ((second / FOLDER / "m-a/0").read_bytes(), (first / FOLDER / "m-a/0").stat().st_size) == (
        b"sealed anew",
        SIZE,
    )
    whole_backup(first, Progress())


@pytest.mark.parametrize("is_listed_so", [False, True])
async def test_a_file_that_was_tampered_with_is_not_carried_on(nights: Nights, is_listed_so: bool):
    await nights.put("a", "b")
    first = await nights.night()
    with (first / FOLDER / "m-a/0").open("r+b") as file:
        file.write(b"X")
    if is_listed_so:
        (first / DIGESTS).write_text("")
    second = await nights.night()
    assert whole_backup(second, Progress()).objects == 2
    assert (second / FOLDER / "m-a/0").read_bytes() == b"a" * SIZE
    with pytest.raises(PermanentError, match="damaged"):
        whole_backup(first, Progress())


async def test_what_is_tampered_with_later_is_found_in_every_backup_that_shares_it(nights: Nights):
    await nights.put("a")
    first, second = await nights.night(), await nights.night()
    with (first / FOLDER / "m-a/0").open("r+b") as file:
        file.write(b"X")
    for each in (first, second):
        with pytest.raises(PermanentError, match="damaged"):
            whole_backup(each, Progress())
    assert whole_backup(await nights.night(), Progress()).objects == 1, "the next one holds it whole again"


async def test_an_erased_file_ends_with_the_last_backup_made_before_its_erasure(nights: Nights):
    await nights.put("a", "b")
    first, second = await nights.night(), await nights.night()
    erased = files(second)["m-a/0"].st_ino
    await nights.objects.delete("m-a/0")
    third = await nights.night()
    assert [*files(third)] == ["m-b/0"]
    remove_old(nights.folder, 7, now=nights.now + 35 * A_DAY, kept_for=35 * A_DAY)
    assert [first.exists(), second.exists(), third.exists()] == [False, False, True]
    assert erased not in {each.stat().st_ino for each in nights.folder.rglob("*")}


@pytest.mark.parametrize("refusal", [errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP])
async def test_where_nothing_can_be_linked_it_is_copied(nights: Nights, monkeypatch: pytest.MonkeyPatch, refusal: int):
    def refuses(*_: object) -> None:
        raise OSError(refusal, os.strerror(refusal))

    await nights.put("a")
    first = await nights.night()
    monkeypatch.setattr(os, "link", refuses)
    second = await nights.night()
    assert blocks_beside(second, first) > 0
    assert whole_backup(second, Progress()).objects == 1


async def test_no_link_of_somebody_elses_is_followed(nights: Nights, tmp_path: Path):
    await nights.put("a")
    first = await nights.night()
    (tmp_path / "elsewhere").write_bytes(b"a" * SIZE)
    (first / FOLDER / "m-a/0").unlink()
    (first / FOLDER / "m-a/0").symlink_to(tmp_path / "elsewhere")
    second = await nights.night()
    assert not (second / FOLDER / "m-a/0").is_symlink()
    assert whole_backup(second, Progress()).objects == 1
