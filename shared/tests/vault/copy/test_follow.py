"""The second copy holds what the vault holds before anybody uses it, and goes on from where it stood."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import bson
import pytest
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument
from prometheus_client import REGISTRY

from guichet.errors import PermanentError, TransientError
from guichet.ids import AgentId, CitizenId, EventId
from guichet.runtime import disk
from guichet.vault.copy import folder, frames
from guichet.vault.copy.folder import CHANGES, newest_copy
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.keys import second_copy
from guichet.vault.keys.collections import KEYS, VaultKeys
from guichet.vault.keys.second_copy import COLLECTION
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.pool import KeyPool
from guichet.vault.restore import VaultRestore, check_opens
from guichet.vault.restore_source import candidate_in
from guichet.vault.root_key.file import RootKeyFile, read_root_keys
from guichet_testing.until import PATIENCE_S, until
from shared.tests.vault.copy.kept_copy import CopiedTown, ever_held
from shared.tests.vault.rotation.rotated_town import Thief

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that is there is waited for, however busy the machine."""
    monkeypatch.setattr(second_copy, "PATIENCE", timedelta(seconds=PATIENCE_S))


@contextmanager
def refused(match: str | None = None) -> Iterator[None]:
    """Expect that nothing is taken while no copy takes it. Nobody waits five seconds for one that does not come."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_copy, "PATIENCE", timedelta(seconds=0.3))
        with pytest.raises(TransientError, match=match):
            yield


def alarm(cause: str) -> float:
    return REGISTRY.get_sample_value("guichet_alarm", {"alarm": "vault-copy", "cause": cause}) or 0.0


async def no_beat(_name: str, _count: int) -> None:
    return


async def insert_no_keys(copied: CopiedTown) -> None:
    """Insert what any adapter's host may: each is no key in a way of its own."""
    none_is_a_key = (
        {"_id": "f" * 32, "form": "hpke", "generation": 1, "junk": "x" * 100},
        {"_id": "d" * 32, "form": "hpke", "generation": {"no": "number"}, "destroyed_at": copied.clock.now()},
        {"_id": "c" * 32, "form": "bucket", "bucket": [], "generation": "one"},
        {"_id": {"no": "name"}},
        {"_id": {"another": []}, "form": "bucket", "generation": "one"},
        {"_id": "e" * 32, "wrapped": bytes(2**24 - 200)},  # its event is larger than any
        {"_id": "b" * 32, "at": DatetimeMS(2**60)},
        RawBSONDocument(bson.encode({"_id": "a" * 32, "text": "?unreadable"}).replace(b"?", b"\xff")),
    )
    for each in none_is_a_key:  # the driver itself refuses some of them
        await copied.town.database.command({"insert": KEYS, "documents": [each]})


async def lose_vault(copied: CopiedTown) -> None:
    await copied.town.database.client.drop_database(copied.town.database.name)


async def restore(copied: CopiedTown, folder: Path | None = None) -> None:
    candidate = candidate_in(folder or copied.folder)
    check_opens(candidate.source, read_root_keys(copied.town.root))
    await VaultRestore(copied.town.database).replace(candidate.source, no_beat, copy=copied.folder)


class TestKept:
    async def test_a_key_is_handed_out_once_the_copy_holds_it(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(3)
            assert copied.holds(copied.town.living)
            pooled = await KeyPool(copied.keys()).new_keys(5)
            assert copied.holds({key.key_id: key for key in pooled})

    async def test_a_vault_of_before_is_copied_whole(self, copied: CopiedTown) -> None:
        await copied.town.make(30)
        await copied.town.pool(30)
        async with copied.kept():
            assert copied.holds(copied.town.living)

    async def test_it_goes_on_from_where_it_stood_also_after_a_power_cut(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(3)
        first = newest_copy(copied.folder)
        assert first is not None
        await copied.record.give_up()  # what is made meanwhile waits for nobody
        await copied.town.make(3)
        with (first / CHANGES).open("ab") as torn:
            torn.write(b"GVC1\0\0\1\0half a fra")
        async with copied.kept():
            await copied.town.make(1)
            assert copied.holds(copied.town.living)
        assert newest_copy(copied.folder) == first

    async def test_an_erasure_that_is_told_again_is_recorded_at_once(self, copied: CopiedTown) -> None:
        """It changes nothing in the vault, so that nothing would tell the copy to say how far it is."""
        ledger = MongoErasureLedger(copied.town.database)
        entry = ErasureEntry(
            _id=EventId("asked"),
            citizen=CitizenId("someone"),
            requested_by=AgentId("uid-1"),
            decision="DPO-1",
            requested_at=copied.clock.now(),
        )
        async with copied.kept():
            for _ in range(5):
                await ledger.add(entry)  # raises TransientError where the copy is waited for in vain
        assert [each["_id"] for each in copied.documents_of("erasures")] == ["asked"]

    async def test_a_lost_vault_comes_back_from_it(self, copied: CopiedTown) -> None:
        async with copied.kept():
            gone, *_ = await copied.town.make(5)
            await copied.town.destroy([gone])
            await copied.rotation().run()
            await copied.town.make(5)
        await lose_vault(copied)
        await restore(copied)
        assert await copied.town.vault().open_keys(copied.town.living) == copied.town.living
        assert await copied.town.vault().open_keys([gone]) == {}
        async with copied.kept():  # the restored vault has the same copy go on, with all that it held
            await copied.town.make(1)
            assert copied.holds(copied.town.living)

    async def test_what_a_third_party_inserts_that_is_no_key_is_not_copied(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await insert_no_keys(copied)
            await copied.town.make(1)
            assert copied.holds(copied.town.living)
            assert not copied.holds_more_than_keys()
            await copied.rotation().run()  # it has a new copy made, with all that lies there
            await copied.town.make(1)
            assert copied.holds(copied.town.living)
            assert not copied.holds_more_than_keys()

    async def test_nor_is_what_was_inserted_before_and_it_keeps_no_copy_from_being_compared(
        self, copied: CopiedTown
    ) -> None:
        await insert_no_keys(copied)
        for _ in range(2):
            async with copied.kept():
                await copied.town.make(1)
                assert copied.holds(copied.town.living)
                assert not copied.holds_more_than_keys()
            await copied.town.database[COLLECTION].update_one({}, {"$unset": {"holder": ""}})  # so that it is compared


class TestAway:
    async def test_no_key_is_made_before_there_is_a_copy(self, copied: CopiedTown) -> None:
        await copied.record.expect()
        for make in (copied.town.make(1), KeyPool(copied.keys()).new_keys(1)):
            with refused("alarm `vault-copy`"):
                await make
        assert await copied.town.database[KEYS].count_documents({}) == 0

    async def test_nor_in_a_lost_vault_that_was_put_back_before_it_is_copied_again(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(1)
        await lose_vault(copied)
        await restore(copied)
        with refused("alarm `vault-copy`"):
            await copied.town.make(1)
        async with copied.kept():
            await copied.town.make(1)
            assert copied.holds(copied.town.living)

    async def test_a_command_works_while_services_are_stopped_and_is_copied_before_anything_new(
        self, copied: CopiedTown
    ) -> None:
        await copied.record.expect()
        command = VaultKeys(copied.town.database, by_command=True)
        [key] = await MongoVault(command, RootKeyFile(copied.town.root), now=copied.clock.now).new_keys(1)
        async with copied.kept():
            assert copied.holds({key.key_id: key})
            [another] = await MongoVault(command, RootKeyFile(copied.town.root), now=copied.clock.now).new_keys(1)
            assert copied.holds({another.key_id: another})

    async def test_a_destroyed_key_is_destroyed_in_the_copy_before_anybody_goes_on(self, copied: CopiedTown) -> None:
        async with copied.kept():
            gone, *_ = await copied.town.make(3)
        with refused():
            await copied.town.vault().destroy_keys([gone])
        assert await copied.town.vault().open_keys([gone]) == {}, "in the vault it is, at once"
        async with copied.kept():
            await copied.town.destroy([gone])
        await lose_vault(copied)
        await restore(copied)
        assert await copied.town.vault().open_keys([gone]) == {}

    async def test_a_command_destroys_while_services_are_stopped(self, copied: CopiedTown) -> None:
        async with copied.kept():
            gone, other = await copied.town.make(2)
        database, now = copied.town.database, copied.clock.now()
        await VaultKeys(database, by_command=True).destroy_keys([gone], now)
        await VaultKeys(database, while_restoring=True).destroy_keys([other], now)
        async with copied.kept():
            await copied.town.make(1)  # and before anything new is copied, the copy has it
        secrets = {copied.town.living[each].secret for each in (gone, other)}
        assert secrets.isdisjoint(copied.opens())

    async def test_who_has_keys_goes_on_and_then_refuses(self, copied: CopiedTown) -> None:
        pool = KeyPool(copied.keys(), capacity=3)
        async with copied.kept():
            await pool.new_keys(1)
        left = len(pool)
        assert len(await pool.new_keys(left)) == left
        with refused("alarm `vault-copy`"):
            await pool.new_keys(1)
        async with copied.kept():
            assert len(await pool.new_keys(1)) == 1

    async def test_a_disk_that_cannot_be_written_is_an_alarm_and_comes_back(self, copied: CopiedTown) -> None:
        copied.folder.write_text("where the folder should be")
        async with copied.keeping():
            await until(lambda: alarm("disk"))
            with refused():
                await copied.town.make(1)
            copied.folder.unlink()
            await until(copied.is_alive)
            await copied.town.make(1)
            assert not alarm("disk")

    async def test_a_full_disk_is_an_alarm_and_what_was_held_goes_on(
        self, copied: CopiedTown, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full = False

        def write(descriptor: int, content: bytes) -> int:
            if full:
                raise OSError(errno.ENOSPC, "No space left on device")
            return os.write(descriptor, content[: len(content) // 2 + 1])  # and never all at once

        monkeypatch.setattr(frames, "write", write)
        async with copied.kept():
            await copied.town.make(1)
            full = True
            with refused():
                await copied.town.make(1)
            await until(lambda: alarm("disk"))
            first, full = newest_copy(copied.folder), False
            await until(copied.is_alive)
            await copied.town.make(1)
            assert copied.holds(copied.town.living)
            assert newest_copy(copied.folder) == first, "it goes on: nothing on the disk is in doubt"

    @pytest.mark.parametrize("why", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
    async def test_after_a_flush_that_failed_the_copy_is_made_anew(
        self, copied: CopiedTown, monkeypatch: pytest.MonkeyPatch, why: int
    ) -> None:
        """Nobody knows what such a disk holds: what is read may be what it never kept."""

        def failing(_descriptor: int) -> None:
            raise OSError(why, os.strerror(why))

        async with copied.kept():
            await copied.town.make(1)
            first = newest_copy(copied.folder)
            with monkeypatch.context() as patch:
                patch.setattr(disk, "fsync", failing)
                with refused():
                    await copied.town.make(1)
                await until(lambda: alarm("disk"))
            await until(copied.is_alive)
            await copied.town.make(1)
            assert copied.holds(copied.town.living)
            assert newest_copy(copied.folder) != first

    async def test_a_damaged_copy_is_said_to_be_one(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(1)
            await copied.town.make(1)
        path = newest_copy(copied.folder)
        assert path is not None
        held = bytearray((path / CHANGES).read_bytes())
        held[20] ^= 1
        (path / CHANGES).write_bytes(held)
        with pytest.raises(PermanentError, match="damaged"):
            await restore(copied)
        async with copied.keeping():
            await until(lambda: alarm("damaged"))
            path.rename(copied.folder / "moved-away")
            await until(copied.is_alive)

    async def test_an_empty_folder_where_the_copy_was_is_not_taken_for_it(self, copied: CopiedTown) -> None:
        """Its disk may not be mounted: the vault's own lies beneath."""
        async with copied.kept():
            await copied.town.make(1)
        copied.folder.rename(copied.folder.with_name("unmounted"))
        async with copied.keeping():
            await until(lambda: alarm("other-folder"))
            assert not [*copied.folder.iterdir()]
            assert await copied.record.begin_anew()
            await until(copied.is_alive)
            assert copied.holds(copied.town.living)

    async def test_nor_once_the_vault_was_restored(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(1)
        await lose_vault(copied)
        await restore(copied)
        elsewhere = copied.folder.with_name("unmounted")
        copied.folder.rename(elsewhere)
        async with copied.keeping():
            await until(lambda: alarm("other-folder"))
            assert not [*copied.folder.iterdir()]
        copied.folder.rmdir()
        elsewhere.rename(copied.folder)
        async with copied.kept():
            await copied.town.make(1)
            assert copied.holds(copied.town.living)

    async def test_a_restored_vault_is_compared_whoever_was_killed_before(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(1)
        await restore(copied)
        folder = (copied.folder / "id").read_text()
        assert not await copied.record.take(folder)
        assert not await copied.record.take(folder), "who was killed before it had compared has not"
        async with copied.kept():
            await copied.town.make(1)
        assert await copied.record.take(folder)

    async def test_an_older_or_another_vault_writes_over_nothing(self, copied: CopiedTown) -> None:
        older = copied.folder.with_name("older")
        async with copied.kept():
            await copied.town.make(1)
            copied.stolen(older)
            await copied.town.make(1)
        await lose_vault(copied)
        await restore(copied, older)
        async with copied.keeping():
            await until(lambda: alarm("older-vault"))
            assert copied.holds(copied.town.living)
            with refused():
                await copied.town.vault().new_keys(1)

    async def test_without_the_setting_nobody_waits(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(1)
        assert await copied.record.give_up()
        await copied.town.make(1)
        assert not await copied.record.give_up()


class TestRotation:
    async def test_an_erased_key_is_in_no_copy_and_opens_from_nothing_that_one_ever_held(
        self, copied: CopiedTown, tmp_path: Path
    ) -> None:
        async with copied.kept():
            made, pooled = await copied.town.make(20), await copied.town.pool(20)
            await copied.town.make(1)
            yesterday = read_root_keys(copied.town.root)
            stolen = [copied.stolen(tmp_path / "before")]
            await copied.town.destroy([*made[:2], *pooled[:2]])
            await copied.town.make(1)
            stolen.append(copied.stolen(tmp_path / "destroyed"))
            await copied.rotation().run()
            await copied.town.make(1)
            assert copied.holds(copied.town.living)
        erased, today = copied.town.destroyed, read_root_keys(copied.town.root)
        secrets = {key.secret for key in erased.values()}
        held = [ever_held(newest_copy(folder)) for folder in stolen]
        assert secrets <= Thief(yesterday, held).secrets(), "yesterday's copies open with yesterday's file"
        assert not secrets & Thief(today, [*held, ever_held(newest_copy(copied.folder))]).secrets()
        assert not secrets & Thief(yesterday, [ever_held(newest_copy(copied.folder))]).secrets()
        now = ever_held(newest_copy(copied.folder))
        assert not [each for each in now[KEYS] if each["_id"] in erased and "wrapped" in each]
        assert len([*copied.folder.glob("copy-*")]) == 1, "what was replaced is removed"

    async def test_without_room_for_two_the_first_goes_on_and_no_rotation_ends(
        self, copied: CopiedTown, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with copied.kept():
            await copied.town.make(2)
            before = read_root_keys(copied.town.root)
            monkeypatch.setattr(folder.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
            monkeypatch.setattr(second_copy, "PATIENCE_FOR_A_NEW_ONE", timedelta(milliseconds=300))
            with pytest.raises(TransientError, match="no room for two"):
                await copied.rotation().run()
            assert alarm("no-room")
            assert before.items() <= read_root_keys(copied.town.root).items()
            await copied.town.make(1)
            assert copied.holds(copied.town.living)

    async def test_a_copy_that_a_kill_left_beside_the_new_one_is_removed(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.make(1)
        newest = newest_copy(copied.folder)
        assert newest is not None
        shutil.copytree(newest, newest.with_name("copy-20200101T000000000000Z"))
        async with copied.kept():
            assert [*copied.folder.glob("copy-*")] == [newest]

    async def test_while_the_copy_is_away_none_begins(self, copied: CopiedTown) -> None:
        async with copied.kept():
            await copied.town.destroy(await copied.town.make(2))
        before = read_root_keys(copied.town.root)
        with refused("alarm `vault-copy`"):
            await copied.rotation().run()
        assert read_root_keys(copied.town.root) == before
        async with copied.kept():
            await copied.rotation().run()
            await copied.town.all_is_well()
