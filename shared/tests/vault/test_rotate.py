"""A rotation of the vault: no living key is ever lost, and what was destroyed before it opens from no copy after it.

Everything here runs on a real mongod; `Thief` is whoever got hold of every copy ever made and of today's files.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.clock import SystemClock
from guichet.errors import SettingsError, TamperedError, TransientError
from guichet.ids import KeyId
from guichet.mongo.client import Database, connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.documents import BucketedKey
from guichet.vault.keys.wrapping import BUCKETS, bucket_of, ids_of_bucket, open_parcel, unwrap_key, wrap_key
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.pool import KeyPool, parcelled
from guichet.vault.root_key.file import RootKeyFile, read_root_keys
from guichet.vault.root_key.writer import RootKeyWriter
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.ports import RotationReport
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rewrap import MOST_BROKEN
from guichet.vault.rotation.rotate import NO_BACKUP, VaultRotation
from guichet.vault.sealing import DataKey, broken_key, new_data_key
from guichet.vault.setup import initialise_vault
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.tampered import is_alarmed

pytestmark = pytest.mark.real

AT_ONCE = timedelta(0)  # a rotation that was killed keeps nobody waiting
Documents = dict[str, list[dict[str, Any]]]


class KilledError(BaseException):
    """kill -9: nothing of the process runs any more, its clean-up neither."""


class Fate:
    """How many acts a process still has before it is killed."""

    def __init__(self, acts: int) -> None:
        self.left = acts

    def act(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KilledError


class Mortal:
    """An object whose every call may be the last; `then`: whether the last one still had its effect."""

    def __init__(self, inner: object, fate: Fate, *, then: bool = False) -> None:
        self._inner, self._fate, self._then = inner, fate, then

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or name == "bringing_in":
            return found
        return self._act(found) if asyncio.iscoroutinefunction(found) else self._blocking_act(found)

    def _act(self, found: Callable[..., Any]) -> Callable[..., Any]:
        async def act(*args: object) -> Any:
            if self._then and self._fate.left == 0:
                await found(*args)
            self._fate.act()
            return await found(*args)

        return act

    def _blocking_act(self, found: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: object) -> Any:
            if self._then and self._fate.left == 0:
                found(*args)
            self._fate.act()
            return found(*args)

        return act


@dataclass
class Town:
    """A vault, everything that was ever copied from it, and what its keys are."""

    database: Database
    root: Path
    living: dict[KeyId, DataKey] = field(default_factory=dict)
    destroyed: dict[KeyId, DataKey] = field(default_factory=dict)
    awaiting: set[KeyId] = field(default_factory=set)  # destroyed since the last rotation that was done began
    copies: list[Documents] = field(default_factory=list)

    def vault(self) -> MongoVault:
        return MongoVault(
            VaultKeys(self.database), RootKeyFile(self.root), remembered_for=AT_ONCE, now=SystemClock().now
        )

    def rotation(self, fate: Fate | None = None, *, then: bool = False, lasts: timedelta = AT_ONCE) -> VaultRotation:
        keys, rotations, root = (
            RotationKeys(self.database),
            Rotations(self.database, lasts=lasts),
            RootKeyWriter(self.root),
        )
        if fate is None:
            return VaultRotation(keys, rotations, root, now=SystemClock().now)
        mortal = [Mortal(each, fate, then=then) for each in (keys, root)]
        return VaultRotation(mortal[0], rotations, mortal[1], now=SystemClock().now)  # type: ignore[arg-type]

    async def make(self, count: int) -> list[KeyId]:
        keys = await self.vault().new_keys(count)
        self.living |= {key.key_id: key for key in keys}
        return [key.key_id for key in keys]

    async def pool(self, count: int) -> list[KeyId]:
        documents = VaultKeys(self.database)
        keys = [new_data_key() for _ in range(count)]
        await documents.insert_keys(parcelled(keys, await documents.sealing_key()))
        self.living |= {key.key_id: key for key in keys}
        return [key.key_id for key in keys]

    async def destroy(self, key_ids: Iterable[KeyId]) -> None:
        doomed = [key_id for key_id in key_ids if key_id in self.living]
        await self.vault().destroy_keys(doomed)
        self.destroyed |= {key_id: self.living.pop(key_id) for key_id in doomed}
        self.awaiting |= set(doomed)

    async def copy(self) -> None:
        self.copies.append(await all_documents(self.database))

    async def all_is_well(self) -> None:
        """Every living key opens to the same secret; none that was destroyed does, not even for a thief."""
        assert await self.vault().open_keys(self.living) == self.living
        assert await self.vault().open_keys(self.destroyed) == {}
        stolen = Thief(read_root_keys(self.root), [*self.copies, await all_documents(self.database)]).secrets()
        readable = {key.key_id for key in self.destroyed.values() if key.secret in stolen}
        assert readable <= self.awaiting


class Thief:
    """Opens whatever opens with these root keys, from all the copies at once."""

    def __init__(self, roots: dict[int, bytes], copies: list[Documents]) -> None:
        self._roots, self._copies = roots, copies

    def secrets(self) -> set[bytes]:
        private = dict(self._under_root("opening_keys", "_id"))
        buckets = dict(self._under_root("bucket_keys", "_id"))
        parcels: dict[bytes, bytes | None] = {}
        found = set()
        for key in (key for copy in self._copies for key in copy["keys"]):
            if key.get("form") == "hpke":
                if key["parcel"] not in parcels:
                    parcels[key["parcel"]] = self._parcel(private.get(key["generation"]), key["parcel"])
                outer = parcels[key["parcel"]]
            else:
                outer = buckets.get(f"{key['bucket']:04d}.{key['generation']}") if "bucket" in key else None
            if outer is not None:
                found.add(unwrap_key(outer, key["wrapped"]))
        return found

    def _under_root(self, name: str, by: str) -> Iterable[tuple[Any, bytes]]:
        for wrapping in (wrapping for copy in self._copies for wrapping in copy[name]):
            for root in self._roots.values():
                with suppress(TamperedError):
                    yield wrapping[by], unwrap_key(root, wrapping["wrapped"])

    def _parcel(self, private: bytes | None, parcel: bytes) -> bytes | None:
        return None if private is None else open_parcel(private, parcel)


async def all_documents(database: Database) -> Documents:
    return {name: await database[name].find().to_list(None) for name in ("keys", "bucket_keys", "opening_keys")}


async def a_town(server: MongoServer, name: str, folder: Path) -> Town:
    where = OpeningSettings(mongodb_uri=server.uri, vault_database=name, root_key_file=folder / f"{name}.key")
    database = connect_vault(where)
    await initialise_vault(database, where.root_key_file, clock=SystemClock().now)
    return Town(database, where.root_key_file)


@pytest.fixture
async def town(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[Town]:
    town = await a_town(mongo_server, f"{mongo_database}_vault", tmp_path)
    yield town
    town.database.client.close()


@pytest.fixture(autouse=True)
def calm() -> None:
    clear_alarm(Alarm.TAMPERED, "vault")


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


async def rotated(town: Town) -> RotationReport | None:
    """Return the report of a rotation; None where it was not done."""
    with suppress(TransientError):
        return await town.rotation().run()
    return None


class _Interrupted(RotationKeys):
    """Somebody destroys keys just before the first ones are replaced."""

    def __init__(self, town: Town, doomed: list[KeyId]) -> None:
        super().__init__(town.database)
        self._town, self.doomed = town, doomed

    async def replace(self, pairs: Any) -> int:
        while self.doomed:
            await self._town.destroy([self.doomed.pop()])
        return await super().replace(pairs)


class TestTwoAtOnce:
    async def test_one_rotates_and_the_other_is_told_to_ask_again(self, town: Town) -> None:
        results = await asyncio.gather(
            *(town.rotation(lasts=timedelta(minutes=1)).run() for _ in range(2)), return_exceptions=True
        )
        refused = [each for each in results if isinstance(each, TransientError)]
        assert len(refused) == 1
        assert "another process rotates the keys of the vault" in str(refused[0])

    async def test_who_slept_past_its_lease_brings_in_no_wrapping_key(self, town: Town) -> None:
        """Its root key is not in the file any more: a key under it would be lost with all that lies under that."""
        gone = await town.make(5)
        await town.destroy(gone[:3])
        sleeper = _Sleeper(town)
        asleep = asyncio.create_task(sleeper.rotation().run())
        await sleeper.fell_asleep.wait()
        await town.rotation().run()
        sleeper.wake.set()
        with pytest.raises(TransientError, match="took the rotation of the vault over"):
            await asleep
        await town.make(50)
        await town.pool(50)
        assert await town.vault().open_keys(town.living) == town.living
        await town.rotation().run()
        await town.all_is_well()


class _Sleeper(RotationKeys):
    """Stopped just before it brings in new wrapping keys."""

    def __init__(self, town: Town) -> None:
        super().__init__(town.database)
        self._town = town
        self.fell_asleep, self.wake = asyncio.Event(), asyncio.Event()

    async def take_on_destroyed(self, rotation: int) -> set[int]:
        found = await super().take_on_destroyed(rotation)
        self.fell_asleep.set()
        await self.wake.wait()
        return found

    def rotation(self) -> VaultRotation:
        return VaultRotation(
            self, Rotations(self._town.database, lasts=AT_ONCE), RootKeyWriter(self._town.root), now=SystemClock().now
        )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.integers(1, 40)),
        st.tuples(st.just("pool"), st.integers(1, 40)),
        st.tuples(st.just("destroy"), st.integers(0, 1 << 30)),
        st.tuples(st.just("rotation"), st.just(0)),
        st.tuples(st.just("killed before"), st.integers(0, 24)),
        st.tuples(st.just("killed after"), st.integers(0, 24)),
    ),
    min_size=2,
    max_size=12,
)


class TestAnyOrder:
    @given(steps=STEPS)
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    async def test_nothing_living_is_lost_and_nothing_destroyed_is_left(
        self, steps: list[tuple[str, int]], mongo_server: MongoServer, tmp_path: Path
    ) -> None:
        name = f"test_turn_{random.randrange(1 << 40):x}"
        town = await a_town(mongo_server, name, tmp_path)
        try:
            for step, number in [("pool", 3), *steps, ("rotation", 0)]:
                await take(step, number, town)
                await town.copy()
                await town.all_is_well()
            assert town.awaiting == set()
        finally:
            await town.database.client.drop_database(name)
            town.database.client.close()


async def take(step: str, number: int, town: Town) -> None:
    match step:
        case "make":
            await town.make(number)
        case "pool":
            await town.pool(number)
        case "destroy":
            await town.destroy(random.Random(number).sample(sorted(town.living), min(len(town.living), 1 + number % 9)))
        case "rotation":
            await town.rotation().run()
            town.awaiting.clear()
        case _:
            with suppress(KilledError):
                await town.rotation(Fate(number), then=step == "killed after").run()
                town.awaiting.clear()


class TestMeanwhile:
    async def test_twenty_thousand_keys_and_none_is_lost_while_it_rotates_and_rotates(self, town: Town) -> None:
        """Adapters fill their pools, openers make, open and destroy, and one rotation follows the other."""
        made: dict[KeyId, DataKey] = {}
        reports: list[RotationReport] = []

        def is_busy() -> bool:
            return len(made) < 20_000 or len(reports) < 4

        async def adapter() -> None:
            pool = KeyPool(VaultKeys(town.database), capacity=512)
            while is_busy():
                with suppress(TransientError):
                    made.update({key.key_id: key for key in await pool.new_keys(64)})
                await asyncio.sleep(0.02 if len(made) < 20_000 else 0.2)

        async def opener(vault: MongoVault) -> None:
            while is_busy():
                keys = await vault.new_keys(20)
                made.update({key.key_id: key for key in keys})
                some = random.sample(list(made), min(50, len(made)))
                opened = await vault.open_keys(some)
                assert opened == {key_id: made[key_id] for key_id in some if key_id not in town.destroyed}
                gone = keys[0].key_id
                town.destroyed[gone] = made[gone]
                await vault.destroy_keys([gone])

        async def rotations() -> None:
            while is_busy():
                reports.append(await town.rotation(lasts=timedelta(minutes=1)).run())

        await asyncio.gather(adapter(), adapter(), opener(town.vault()), rotations())
        assert sum(report.keys for report in reports) > 1000
        town.living = {key_id: key for key_id, key in made.items() if key_id not in town.destroyed}
        await town.rotation().run()
        await town.all_is_well()
        assert await town.database["keys"].count_documents({"form": "bucket"}) >= len(town.living)


def test_a_bucket_is_a_range() -> None:
    for bucket in (0, 1, 511, BUCKETS - 1):
        first, end = ids_of_bucket(bucket)
        for _ in range(50):
            key_id = new_data_key().key_id
            assert (first <= key_id < end) == (bucket_of(key_id) == bucket)
