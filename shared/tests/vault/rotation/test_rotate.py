"""A rotation of the vault: no living key is ever lost, and what was destroyed before it opens from no copy after it.

Everything here runs on a real mongod; `Thief` is whoever got hold of every copy ever made and of today's files.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from guichet.clock import SystemClock
from guichet.errors import SettingsError, TransientError
from guichet.ids import KeyId
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.documents import BucketedKey
from guichet.vault.keys.wrapping import BUCKETS, bucket_of, ids_of_bucket, wrap_key
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.pool import parcelled
from guichet.vault.root_key.file import RootKeyFile, read_root_keys
from guichet.vault.root_key.writer import RootKeyWriter
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rewrap import MOST_BROKEN
from guichet.vault.rotation.rotate import NO_BACKUP, VaultRotation
from guichet.vault.sealing import broken_key, new_data_key
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.tampered import is_alarmed
from shared.tests.vault.rotation.rotated_town import Thief, Town, a_town, all_documents, rotated

pytestmark = pytest.mark.real


class TestARotation:
    async def test_before_it_an_old_copy_still_opens_what_was_destroyed_and_after_it_no_more(self, town: Town) -> None:
        made, pooled = await town.make(50), await town.pool(50)
        await town.copy()
        gone = [*made[:5], *pooled[:5]]
        await town.destroy(gone)
        before = Thief(read_root_keys(town.root), town.copies).secrets()
        assert {town.destroyed[key_id].secret for key_id in gone} <= before, "else this test proves nothing"

        report = await town.rotation().run()

        after = Thief(read_root_keys(town.root), [*town.copies, await all_documents(town.database)]).secrets()
        assert {key.secret for key in town.destroyed.values()} & after == set()
        assert {key.secret for key in town.living.values()} <= after
        assert report.buckets == len({bucket_of(key_id) for key_id in gone})
        assert report.keys >= 45
        assert set(read_root_keys(town.root)) == {report.generation}

    async def test_what_it_leaves_is_what_a_vault_consists_of(self, town: Town) -> None:
        await town.pool(20)
        await town.destroy((await town.make(3))[:1])
        for _ in range(3):
            report = await town.rotation().run()
        keys, buckets = town.database["keys"], town.database["bucket_keys"]
        assert await keys.count_documents({"form": "hpke"}) == 0
        assert await keys.count_documents({"awaits_turn": {"$exists": True}}) == 0
        assert await buckets.count_documents({}) == BUCKETS
        assert await buckets.count_documents({"root": {"$ne": report.generation}}) == 0
        assert [key["_id"] for key in await town.database["sealing_keys"].find().to_list(None)] == [4]
        assert [key["_id"] for key in await town.database["opening_keys"].find().to_list(None)] == [4]

    @pytest.mark.parametrize(
        "inserted",
        [
            {"_id": "zz", "destroyed_at": datetime(2026, 3, 1, tzinfo=UTC), "awaits_turn": 0},
            {"_id": 7, "awaits_turn": 0},
            {"_id": "0" * 32, "form": "hpke", "generation": 0},
            {"_id": "0" * 32, "form": "hpke", "generation": 0.5, "parcel": b"p", "wrapped": b"w"},
            {"_id": "zz", "form": "hpke", "generation": 1, "parcel": b"p", "wrapped": b"w"},
            {"_id": "0" * 32, "form": "bucket", "generation": 0},
        ],
    )
    async def test_whatever_an_adapter_inserts_keeps_no_rotation_from_its_end(
        self, town: Town, inserted: dict[str, Any]
    ) -> None:
        """Third parties' hosts may insert keys, too: what was erased must become unreadable all the same."""
        gone, kept = await town.make(2)
        await town.destroy([gone])
        await town.database["keys"].insert_one(inserted)
        assert (await town.rotation().run()).buckets >= 1
        assert (await town.rotation().run()).buckets == 0
        assert (await town.vault().open_keys([kept]))[kept] == town.living[kept]

    async def test_only_buckets_of_destroyed_keys_are_touched(self, town: Town) -> None:
        await town.make(30)
        report = await town.rotation().run()
        assert (report.buckets, report.keys) == (0, 0)
        (gone,) = await town.make(1)
        await town.destroy([gone])
        assert (await town.rotation().run()).buckets == 1
        assert (await town.rotation().run()).buckets == 0

    async def test_a_key_destroyed_twice_awaits_one_rotation(self, town: Town) -> None:
        (gone,) = await town.make(1)
        await town.destroy([gone])
        await town.rotation().run()
        await town.vault().destroy_keys([gone])
        assert (await town.rotation().run()).buckets == 0

    async def test_a_key_destroyed_by_a_process_whose_clock_is_wrong_is_gone_all_the_same(self, town: Town) -> None:
        (gone,) = await town.make(1)
        await town.copy()
        vault = MongoVault(
            VaultKeys(town.database), RootKeyFile(town.root), now=lambda: datetime(1999, 1, 1, tzinfo=UTC)
        )
        await vault.destroy_keys([gone])
        assert (await town.rotation().run()).buckets == 1

    async def test_the_report_is_kept(self, town: Town) -> None:
        moments = iter([datetime(2026, 3, 1, 2, 30, tzinfo=UTC), datetime(2026, 3, 1, 2, 31, tzinfo=UTC)])
        rotations = Rotations(town.database)
        report = await VaultRotation(
            RotationKeys(town.database), rotations, RootKeyWriter(town.root), now=lambda: next(moments)
        ).run()
        birth = await rotations.last()
        assert birth is not None
        assert birth.ended_at > report.ended_at, "the vault was born after that invented date"
        assert await town.database["turns"].find_one({"_id": report.generation}) == {
            "_id": 2,
            "began_at": datetime(2026, 3, 1, 2, 30, tzinfo=UTC),
            "ended_at": datetime(2026, 3, 1, 2, 31, tzinfo=UTC),
            "buckets": 0,
            "keys": 0,
            "broken": 0,
        }

    async def test_keys_that_came_in_too_late_are_noise_and_are_removed(self, town: Town) -> None:
        """An adapter and an opener that slept between wrapping and insertion: their keys were given to nobody."""
        documents = VaultKeys(town.database)
        old_pair = await documents.sealing_key()
        (gone,) = await town.make(1)
        bucket = bucket_of(gone)
        await town.destroy([gone])
        await town.rotation().run()
        await documents.insert_keys(parcelled([new_data_key()], old_pair))
        late = KeyId(ids_of_bucket(bucket)[0] + "0" * 29)
        wrapped = wrap_key(bytes(32), bytes(32))
        await documents.insert_keys([BucketedKey(_id=late, bucket=bucket, generation=1, wrapped=wrapped)])
        await town.vault().destroy_keys([KeyId(ids_of_bucket(bucket)[0] + "1" * 29)])  # touches the bucket again
        await town.rotation().run()
        assert await town.database["keys"].count_documents({"wrapped": {"$exists": True}}) == 0

    async def test_a_key_destroyed_between_reading_and_replacing_stays_destroyed(self, town: Town) -> None:
        made, pooled = await town.make(20), await town.pool(20)
        await town.destroy(made[:1])
        keys = _Interrupted(town, [*pooled[:3], *(key for key in made[1:] if bucket_of(key) == bucket_of(made[0]))])
        await VaultRotation(keys, Rotations(town.database), RootKeyWriter(town.root), now=SystemClock().now).run()
        assert not keys.doomed
        await town.all_is_well()

    @pytest.mark.parametrize("altered", ["wrapped", "parcel"])
    async def test_an_altered_key_stops_no_rotation_and_does_not_go_unseen(self, town: Town, altered: str) -> None:
        broken, *pooled = await town.pool(3)
        made = await town.make(3)
        await town.copy()
        await town.destroy([pooled[0], made[0]])
        await town.database["keys"].update_one({"_id": broken}, {"$set": {altered: bytes(40)}})
        del town.living[broken]
        report = await rotated(town)
        assert report is not None, "one key was altered, and what was destroyed opens from old copies for good"
        assert (report.broken, is_alarmed("vault")) == (1, True)
        after = Thief(read_root_keys(town.root), town.copies).secrets()
        assert {key.secret for key in town.destroyed.values()} & after == set()
        assert await town.vault().open_keys(town.living) == town.living
        assert await town.vault().open_keys([broken]) == {broken: broken_key(broken)}, "it is no erased key"

    async def test_so_does_one_that_was_in_its_bucket_for_long(self, town: Town) -> None:
        gone, broken, *_ = await town.make(3)  # made together, in one bucket
        await town.database["keys"].update_one({"_id": broken}, {"$set": {"wrapped": bytes(40)}})
        del town.living[broken]
        await town.destroy([gone])
        for _ in range(2):
            report = await rotated(town)
            assert report is not None, "one key was altered, and its bucket is never rotated again"
        assert await town.vault().open_keys(town.living) == town.living

    async def test_where_many_were_altered_nothing_is_taken_away(self, town: Town) -> None:
        """Then a backup of the vault may have to come back: it opens as long as no rotation was done."""
        await town.pool(MOST_BROKEN + 5)
        came_late = await town.database["keys"].find_one({"form": "hpke"})
        assert came_late is not None
        await town.database["keys"].insert_one({**came_late, "_id": f"{came_late['_id'][:4]}-late", "generation": 0})
        before = await all_documents(town.database)
        await town.database["keys"].update_many({"form": "hpke"}, {"$set": {"wrapped": bytes(40)}})
        for _ in range(2):
            with pytest.raises(TransientError, match="keys of the vault do not open"):
                await town.rotation().run()
        assert 1 in read_root_keys(town.root)
        assert len((await all_documents(town.database))["keys"]) == len(before["keys"]), "a key was taken away"
        for key in before["keys"]:
            await town.database["keys"].replace_one({"_id": key["_id"]}, key)
        assert await town.vault().open_keys(town.living) == town.living
        assert is_alarmed("vault")

    async def test_with_another_vaults_root_key_it_does_not_begin(self, town: Town, mongo_server: MongoServer) -> None:
        stranger = await a_town(mongo_server, f"{town.database.name}_2", town.root.parent)
        before = await all_documents(town.database)
        wrong = VaultRotation(
            RotationKeys(town.database), Rotations(town.database), RootKeyWriter(stranger.root), now=SystemClock().now
        )
        with pytest.raises(TransientError, match="GUICHET_ROOT_KEY_FILE"):
            await wrong.run()
        assert await all_documents(town.database) == before
        assert set(read_root_keys(stranger.root)) == {1}
        stranger.database.client.close()

    async def test_a_backup_that_fails_keeps_the_old_root_key(self, town: Town) -> None:
        async def no_room(_: object) -> None:
            raise SettingsError("no room")

        await town.make(5)
        keys, rotations, root = RotationKeys(town.database), Rotations(town.database), RootKeyWriter(town.root)
        with pytest.raises(TransientError, match="no room"):
            await VaultRotation(keys, rotations, root, back_up=no_room, now=SystemClock().now).run()
        assert set(read_root_keys(town.root)) == {1, 2}
        assert await town.vault().open_keys(town.living) == town.living
        await VaultRotation(
            keys, rotations, root, back_up=NO_BACKUP, now=SystemClock().now
        ).run()  # the lease was given back
        assert set(read_root_keys(town.root)) == {3}


class _Interrupted(RotationKeys):
    """Somebody destroys keys just before the first ones are replaced."""

    def __init__(self, town: Town, doomed: list[KeyId]) -> None:
        super().__init__(town.database)
        self._town, self.doomed = town, doomed

    async def replace(self, pairs: Any) -> int:
        while self.doomed:
            await self._town.destroy([self.doomed.pop()])
        return await super().replace(pairs)


def test_a_bucket_is_a_range() -> None:
    for bucket in (0, 1, 511, BUCKETS - 1):
        first, end = ids_of_bucket(bucket)
        for _ in range(50):
            key_id = new_data_key().key_id
            assert (first <= key_id < end) == (bucket_of(key_id) == bucket)
