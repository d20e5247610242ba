"""Which backups stay and which count, without a store: what copies and what checks is replaced."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.errors import PermanentError
from guichet.mongo.backup_files import BackupFile, Manifest, read_manifest, write_manifest
from guichet.store.verified_backups import VerifiedBackups
from guichet_cli.backup.examine import Found, Wrong
from guichet_cli.backup.nightly import VERIFIED, NightlyBackup

NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)


@dataclass
class Recorded(VerifiedBackups):
    dates: list[datetime] = field(default_factory=list)

    async def record(self, taken_at: datetime, verified_at: datetime) -> None:
        self.dates.append(taken_at)

    async def last_taken_at(self) -> datetime | None:
        return max(self.dates, default=None)

    async def watched_since(self, now: datetime) -> datetime:
        return now


@dataclass
class Nights:
    """A folder of backups, a night a day. cases, entries: what the store holds. is_odd: the check finds something."""

    folder: Path
    keep: int = 7
    now: datetime = NOW
    cases: int = 100
    entries: int = 0
    is_odd: bool = False
    is_locked: Callable[[], bool] = lambda: False
    recorded: Recorded = field(default_factory=Recorded)
    earlier: Path | None = None

    async def night(self, *, may_shrink: bool = False) -> Found:
        self.now += A_DAY
        nightly = NightlyBackup(
            folder=self.folder,
            keep=self.keep,
            kept_for=35 * A_DAY,
            may_shrink=may_shrink,
            is_locked=self._locked,
            back_up=self._back_up,
            check=self._check,
            verified=self.recorded,
            clock=lambda: self.now,
        )
        _, _, found = await nightly.run()
        return found

    async def _locked(self) -> bool:
        return self.is_locked()

    async def _back_up(self, folder: Path, earlier: Path | None) -> None:
        self.earlier = earlier
        folder.mkdir()  # noqa: ASYNC240
        named = {"cases.bson.gz": self.cases, "audit.bson.gz": self.entries}
        files = tuple(BackupFile(name=name, size=1, sha256="", documents=count) for name, count in named.items())
        write_manifest(folder, Manifest(kind="data", taken_at=self.now, version="1", files=files))

    async def _check(self, folder: Path) -> tuple[Manifest, Found]:
        manifest = read_manifest(folder, "data")
        return manifest, Found(documents=manifest.documents, odd=Wrong(1, ["cases: odd"]) if self.is_odd else Wrong())

    def there(self) -> list[tuple[int, bool]]:
        """Return of each that is there how many days old it is, and whether it was found good."""
        paths = sorted(self.folder.glob("data-*"))
        found = [(self.now - read_manifest(path, "data").taken_at, (path / VERIFIED).exists()) for path in paths]
        return [(age.days, is_good) for age, is_good in found]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path / "backups")


class TestWhatCounts:
    async def test_a_store_that_is_locked_is_not_copied(self, nights: Nights) -> None:
        nights.is_locked = lambda: True
        with pytest.raises(PermanentError, match="locked"):
            await nights.night()
        assert nights.there() == []

    async def test_one_that_was_locked_meanwhile_counts_for_nothing(self, nights: Nights) -> None:
        await nights.night()
        looks = iter((False, True))
        nights.is_locked = lambda: next(looks)
        with pytest.raises(PermanentError, match="locked"):
            await nights.night()
        assert nights.there() == [(1, True), (0, False)]
        assert len(nights.recorded.dates) == 1

    @pytest.mark.parametrize("entries", [0, 5000])
    async def test_one_of_a_store_that_lost_half_counts_for_nothing(self, nights: Nights, entries: int) -> None:
        await nights.night()
        nights.cases, nights.entries = 49, entries  # of the trail, which nothing empties
        found = await nights.night()
        assert not found.is_good
        assert found.shrunk_from == 100
        assert nights.there() == [(1, True), (0, False)]

    async def test_unless_it_is_told_that_this_is_right(self, nights: Nights) -> None:
        await nights.night()
        nights.cases = 1
        assert (await nights.night(may_shrink=True)).is_good
        assert (await nights.night()).is_good


class TestWhatStays:
    async def test_after_a_night_of_a_clock_ahead_each_goes_when_it_is_old(self, nights: Nights) -> None:
        nights.keep = 1000
        for _ in range(3):
            await nights.night()
        nights.now += 3650 * A_DAY
        await nights.night()
        nights.now -= 3650 * A_DAY
        for _ in range(37):
            await nights.night()
        assert [age for age, _ in nights.there()] == [*range(35, -1, -1)]

    async def test_a_night_of_a_clock_behind_takes_no_good_one_away(self, nights: Nights) -> None:
        for days in (0, -3650, 3650, 0):
            nights.now += days * A_DAY
            await nights.night()
        assert len(nights.there()) == 4

    async def test_of_the_good_ones_the_newest(self, nights: Nights) -> None:
        nights.keep = 2
        for _ in range(4):
            await nights.night()
        assert nights.there() == [(1, True), (0, True)]

    async def test_of_those_that_are_not_good_two(self, nights: Nights) -> None:
        await nights.night()
        nights.is_odd = True
        for _ in range(5):
            await nights.night()
        assert nights.there() == [(5, True), (1, False), (0, False)]

    async def test_one_that_is_good_lets_those_go_that_were_not(self, nights: Nights) -> None:
        nights.is_odd = True
        await nights.night()
        nights.is_odd = False
        await nights.night()
        assert nights.there() == [(0, True)]

    async def test_none_for_longer_than_certificates_say_but_the_last_good_one(self, nights: Nights) -> None:
        await nights.night()
        await nights.night()
        nights.now += 34 * A_DAY
        nights.is_odd = True
        await nights.night()
        assert nights.there() == [(35, True), (0, False)]
        nights.now += 100 * A_DAY
        await nights.night()
        assert nights.there() == [(136, True), (0, False)]


async def test_a_backup_is_told_of_the_last_good_one(nights: Nights) -> None:
    await nights.night()
    assert nights.earlier is None
    [first] = nights.folder.glob("data-*")
    nights.is_odd = True
    await nights.night()
    await nights.night()
    assert nights.earlier == first
