"""One suite for the vault, on the twin and on the real MongoDB; and what only the real one can show."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.clock import SystemClock
from guichet.errors import KeyMissingError, SettingsError, TamperedError, TransientError, UnopenableError
from guichet.ids import KeyId
from guichet.mongo.client import Database, connect_vault
from guichet.runtime.settings import OpeningSettings, VaultSettings
from guichet.vault.keys.collections import LAST_DESTROYED, RESTORING, VaultKeys
from guichet.vault.keys.documents import BucketKey, OpeningKey, SealingKey, bucket_key_id
from guichet.vault.keys.wrapping import BUCKETS, bucket_of, new_keys_in, new_pair, wrap_key
from guichet.vault.mongo_vault import MongoVault, key_pool, open_vault
from guichet.vault.pool import PARCEL_KEYS, KeyPool, parcelled
from guichet.vault.ports import Vault
from guichet.vault.root_key.file import RootKeyFile
from guichet.vault.sealing import Thing, new_data_key, seal, unseal
from guichet.vault.setup import initialise_vault
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.tampered import altered, is_alarmed
from guichet_testing.twins.clock import StillClock
from guichet_testing.twins.vault import InMemoryVault

MESSAGE = Thing("message", "m-1")

INSERTED: list[dict[str, Any]] = [
    {},
    {"form": "none"},
    {"form": "hpke", "generation": 1, "parcel": 7},
    {"form": "hpke", "generation": 1, "parcel": b"p", "wrapped": b"w"},
    {"form": "hpke", "generation": 1_000_000, "parcel": b"p", "wrapped": b"w"},
    {"form": "bucket", "bucket": 7, "generation": 1_000_000, "wrapped": b"w"},
]


async def opened_by(vault: Vault, *key_ids: KeyId) -> dict[str, KeyId]:
    """Return which key opened whole and which is broken ("")."""
    try:
        found = await vault.open_keys(key_ids)
    except TamperedError:
        return {}
    return {"whole" if key.secret else "": name for name, key in found.items()}


class VaultSuite:
    """What a vault promises."""

    async def test_new_keys_open_again(self, vault: Vault) -> None:
        keys = await vault.new_keys(3)
        assert len({key.key_id for key in keys}) == 3
        assert await vault.open_keys([key.key_id for key in keys]) == {key.key_id: key for key in keys}

    async def test_no_keys_asked_no_keys_given(self, vault: Vault) -> None:
        assert await vault.new_keys(0) == []
        assert await vault.open_keys([]) == {}
        await vault.destroy_keys([])

    async def test_a_destroyed_key_is_missing_from_the_answer(self, vault: Vault) -> None:
        gone, kept = await vault.new_keys(2)
        await vault.destroy_keys([gone.key_id])
        assert await vault.open_keys([gone.key_id, kept.key_id]) == {kept.key_id: kept}

    async def test_destroying_twice_or_what_never_was_is_a_success(self, vault: Vault) -> None:
        (key,) = await vault.new_keys(1)
        for _ in range(2):
            await vault.destroy_keys([key.key_id, key.key_id, KeyId("f" * 32)])
        assert await vault.open_keys([key.key_id, KeyId("f" * 32)]) == {}

    async def test_a_key_that_was_never_held_counts_as_no_destroyed_one(self, vault: Vault) -> None:
        """A vault that was restored from before the message: nobody's words may pass for erased."""
        lost = new_data_key()
        found = await vault.open_keys([lost.key_id])
        assert lost.key_id in found, "what is sealed under it counts as erased, and is dropped"
        with pytest.raises(KeyMissingError):
            unseal(found[lost.key_id], MESSAGE, "content", seal(lost, MESSAGE, "content", b"words"))
        with pytest.raises(KeyMissingError):
            seal(found[lost.key_id], MESSAGE, "content", b"words")
        await vault.destroy_keys([lost.key_id])
        assert await vault.open_keys([lost.key_id]) == {}

    @pytest.mark.parametrize("name", [LAST_DESTROYED, RESTORING, "F" * 32, "0", ""])
    async def test_what_is_no_id_of_a_key_was_never_held_whatever_is_asked_of_it(self, vault: Vault, name: str) -> None:
        """A third party's host says under which key a thing lies; who drops or erases the thing destroys that key."""
        (key,) = await vault.new_keys(1)
        await vault.destroy_keys([KeyId(name)])
        found = await vault.open_keys([KeyId(name), key.key_id])
        assert found[key.key_id] == key
        with pytest.raises(KeyMissingError):
            seal(found[KeyId(name)], MESSAGE, "content", b"words")

    async def test_many_at_once(self, vault: Vault) -> None:
        keys = await vault.new_keys(600)
        assert len(await vault.open_keys(key.key_id for key in keys)) == 600


class TestInMemoryVault(VaultSuite):
    @pytest.fixture
    def vault(self) -> Vault:
        return InMemoryVault()

    async def test_it_can_be_away(self) -> None:
        vault = InMemoryVault()
        vault.away = True
        with pytest.raises(TransientError):
            await vault.new_keys(1)


@pytest.fixture
def settings(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> OpeningSettings:
    return OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root-key.json"
    )


@pytest.fixture
async def database(settings: OpeningSettings) -> AsyncIterator[Database]:
    database = connect_vault(settings)
    await initialise_vault(database, settings.root_key_file, clock=SystemClock().now)
    yield database
    database.client.close()


@pytest.fixture
def vault(settings: OpeningSettings, database: Database) -> MongoVault:
    return MongoVault(VaultKeys(database), RootKeyFile(settings.root_key_file), now=SystemClock().now)


@pytest.mark.real
class TestMongoVault(VaultSuite):
    async def test_a_key_destroyed_elsewhere_is_forgotten_after_as_long_as_it_is_set(
        self, vault: MongoVault, settings: OpeningSettings
    ) -> None:
        (key,) = await vault.new_keys(1)
        long, at_once = (
            open_vault(settings.model_copy(update={"keys_remembered_for": age}), clock=SystemClock().now)
            for age in (timedelta(hours=1), timedelta(0))
        )
        for other in (long, at_once):
            assert await other.open_keys([key.key_id]) == {key.key_id: key}
        await vault.destroy_keys([key.key_id])
        assert await long.open_keys([key.key_id]) == {key.key_id: key}
        assert await at_once.open_keys([key.key_id]) == {}

    async def test_a_clock_that_jumps_past_an_erasures_wait_leaves_no_destroyed_key_in_memory(
        self, vault: MongoVault, settings: OpeningSettings
    ) -> None:
        (key,) = await vault.new_keys(1)
        clock = StillClock()
        other = open_vault(settings, clock.now)
        assert await other.open_keys([key.key_id]) == {key.key_id: key}
        await vault.destroy_keys([key.key_id])
        clock.move(settings.keys_remembered_for)
        assert await other.open_keys([key.key_id]) == {}

    async def test_another_process_opens_what_this_one_made(self, vault: MongoVault, settings: OpeningSettings) -> None:
        keys = await vault.new_keys(20)
        other = open_vault(settings, clock=SystemClock().now)
        assert await other.open_keys(key.key_id for key in keys) == {key.key_id: key for key in keys}

    async def test_a_tampered_key_breaks_itself_alone_and_counts_as_no_erased_one(
        self, vault: MongoVault, settings: OpeningSettings, database: Database
    ) -> None:
        bad, good = await vault.new_keys(2)
        sealed = seal(bad, MESSAGE, "content", b"words")
        stored = await database["keys"].find_one({"_id": bad.key_id})
        assert stored is not None
        await database["keys"].update_one({"_id": bad.key_id}, {"$set": {"wrapped": altered(stored["wrapped"])}})
        assert await opened_by(open_vault(settings, clock=SystemClock().now), bad.key_id, good.key_id) == {
            "": bad.key_id,
            "whole": good.key_id,
        }
        broken = (await open_vault(settings, clock=SystemClock().now).open_keys([bad.key_id]))[bad.key_id]
        assert is_alarmed("key")
        with pytest.raises(TamperedError):
            unseal(broken, MESSAGE, "content", sealed)
        with pytest.raises(TamperedError):
            seal(broken, MESSAGE, "content", b"words")

    async def test_a_tampered_parcel_breaks_its_own_keys_alone(
        self, vault: MongoVault, settings: OpeningSettings, database: Database
    ) -> None:
        [good] = await vault.new_keys(1)
        [bad] = await key_pool(settings).new_keys(1)
        stored = await database["keys"].find_one({"_id": bad.key_id})
        assert stored is not None
        await database["keys"].update_one({"_id": bad.key_id}, {"$set": {"parcel": altered(stored["parcel"])}})
        assert await opened_by(open_vault(settings, clock=SystemClock().now), bad.key_id, good.key_id) == {
            "": bad.key_id,
            "whole": good.key_id,
        }

    @pytest.mark.parametrize("inserted", INSERTED)
    async def test_whatever_an_adapter_inserts_as_a_key_keeps_no_other_from_opening(
        self, vault: MongoVault, settings: OpeningSettings, database: Database, inserted: dict[str, Any]
    ) -> None:
        """Third parties' hosts may insert keys, too, and name them in their messages."""
        (good,) = await vault.new_keys(1)
        bad = KeyId("0" * 32)
        await database["keys"].insert_one({"_id": bad, **inserted})
        found = await open_vault(settings, clock=SystemClock().now).open_keys([bad, good.key_id])
        assert found[good.key_id] == good
        with pytest.raises(UnopenableError):
            unseal(found[bad], MESSAGE, "content", seal(new_data_key(), MESSAGE, "content", b"words"))

    async def test_no_adapter_has_everybody_wait_for_a_restore(self, vault: MongoVault, database: Database) -> None:
        (key,) = await vault.new_keys(1)
        await database["keys"].insert_one({"_id": RESTORING})
        vault._opened.clear()
        assert await vault.open_keys([key.key_id]) == {key.key_id: key}
        await vault.check()

    async def test_a_mark_is_no_key_that_can_be_destroyed(self, vault: MongoVault, database: Database) -> None:
        await vault.destroy_keys([key.key_id for key in await vault.new_keys(1)])
        before = await database["keys"].find_one({"_id": LAST_DESTROYED})
        await vault.destroy_keys([KeyId(LAST_DESTROYED), KeyId(RESTORING)])
        assert before is not None
        assert await database["keys"].find_one({"_id": LAST_DESTROYED}) == before
        assert await database["keys"].find_one({"_id": RESTORING}) is None

    async def test_a_key_of_its_pool_opens_like_any_other(self, vault: MongoVault) -> None:
        [key] = await vault.pool(1).new_keys(1)
        assert await vault.open_keys([key.key_id]) == {key.key_id: key}

    async def test_keys_made_one_by_one_ask_for_their_buckets_once(self, vault: MongoVault) -> None:
        await vault.new_keys(1)
        asked: list[int] = []
        read = vault._documents.bucket_keys_in_use

        async def counted(buckets: Iterable[int]) -> dict[int, BucketKey]:
            asked.append(len(found := await read(buckets)))
            return found

        vault._documents.bucket_keys_in_use = counted  # type: ignore[method-assign]
        for _ in range(5):
            await vault.new_keys(1)
        assert asked == [1] * 5, "only whether it is still in use"

    async def test_no_secret_lies_in_the_database(self, vault: MongoVault, database: Database) -> None:
        (key,) = await vault.new_keys(1)
        everything = await _all_documents(database)
        assert key.secret not in b"".join(_bytes_in(everything))
        for root_key in RootKeyFile(vault._ring._root.path)._keys.values():
            assert root_key not in b"".join(_bytes_in(everything))

    async def test_a_destroyed_key_leaves_its_bare_id_and_the_first_day(
        self, database: Database, settings: OpeningSettings
    ) -> None:
        clock = StillClock(datetime(2026, 3, 1, 15, 7, tzinfo=UTC))
        vault = MongoVault(VaultKeys(database), RootKeyFile(settings.root_key_file), now=clock.now)
        (key,) = await vault.new_keys(1)
        for _ in range(2):
            await vault.destroy_keys([key.key_id])
            clock.let_pass(timedelta(hours=17))
        left = await database["keys"].find_one({"_id": key.key_id})
        assert left == {"_id": key.key_id, "destroyed_at": datetime(2026, 3, 1, tzinfo=UTC), "awaits_turn": 0}

    async def test_a_late_insertion_cannot_revive_a_destroyed_key(self, vault: MongoVault, database: Database) -> None:
        key = new_data_key()
        await vault.destroy_keys([key.key_id])
        documents = VaultKeys(database)
        with pytest.raises(Exception, match="E11000"):
            await documents.insert_keys(parcelled([key], await documents.sealing_key()))
        assert await vault.open_keys([key.key_id]) == {}

    async def test_what_is_wrapped_is_never_under_what_a_rotation_replaced(
        self, vault: MongoVault, database: Database
    ) -> None:
        """The rotation comes between the key's wrapping and its insertion: another key is handed out."""
        await vault.new_keys(2000)  # knows the buckets by now
        await _turn_buckets(database, vault)
        (key,) = await vault.new_keys(1)
        stored = await database["keys"].find_one({"_id": key.key_id})
        assert stored is not None
        assert stored["generation"] == 2

    async def test_keys_made_together_share_a_bucket_and_batches_do_not(self, vault: MongoVault) -> None:
        batches = [{bucket_of(key.key_id) for key in await vault.new_keys(20)} for _ in range(5)]
        assert {len(buckets) for buckets in batches} == {1}
        assert len(set.union(*batches)) > 1

    @given(bucket=st.integers(0, BUCKETS - 1))
    def test_keys_are_made_in_the_bucket_that_was_asked_for(self, bucket: int) -> None:
        keys = new_keys_in(bucket, 3)
        assert {(bucket_of(key.key_id), len(key.key_id), len(key.secret)) for key in keys} == {(bucket, 32, 32)}
        assert len({key.key_id for key in keys}) == 3

    async def test_the_bucket_of_a_key_is_a_range_of_ids(self) -> None:
        key_ids = [new_data_key().key_id for _ in range(5000)]
        assert {bucket_of(key_id) for key_id in key_ids} <= set(range(BUCKETS))
        by_id = sorted(key_ids)
        assert sorted(by_id, key=bucket_of) == by_id
        assert bucket_of(KeyId("0" * 32)) == 0
        assert bucket_of(KeyId("f" * 32)) == BUCKETS - 1


@pytest.mark.real
class TestInitialising:
    async def test_twice_is_once(self, vault: MongoVault, database: Database, settings: OpeningSettings) -> None:
        (key,) = await vault.new_keys(1)
        before = await _all_documents(database)
        root_before = settings.root_key_file.read_bytes()
        assert await initialise_vault(database, settings.root_key_file, clock=SystemClock().now) is False
        assert await _all_documents(database) == before
        assert settings.root_key_file.read_bytes() == root_before
        assert await open_vault(settings, clock=SystemClock().now).open_keys([key.key_id]) == {key.key_id: key}

    async def test_two_at_once_make_one_vault(self, settings: OpeningSettings) -> None:
        database = connect_vault(settings)
        made = await asyncio.gather(
            *(initialise_vault(database, settings.root_key_file, clock=SystemClock().now) for _ in range(3))
        )
        assert sum(made) == 1
        assert await database["bucket_keys"].count_documents({}) == BUCKETS
        vault = open_vault(settings, clock=SystemClock().now)
        await vault.check()
        (key,) = await key_pool(settings).new_keys(1)
        assert await vault.open_keys([key.key_id]) == {key.key_id: key}

    async def test_what_a_kill_left_half_done_is_finished(self, settings: OpeningSettings, database: Database) -> None:
        await database["sealing_keys"].drop()
        await database["bucket_keys"].delete_many({"bucket": {"$gt": 500}})
        await initialise_vault(database, settings.root_key_file, clock=SystemClock().now)
        (key,) = await key_pool(settings).new_keys(1)
        assert await open_vault(settings, clock=SystemClock().now).open_keys([key.key_id]) == {key.key_id: key}
        assert await database["bucket_keys"].count_documents({}) == BUCKETS

    async def test_a_lost_root_key_is_not_replaced(self, settings: OpeningSettings, database: Database) -> None:
        settings.root_key_file.unlink()
        with pytest.raises(SettingsError, match="GUICHET_ROOT_KEY_FILE"):
            await initialise_vault(database, settings.root_key_file, clock=SystemClock().now)
        assert not settings.root_key_file.exists()

    async def test_another_vaults_root_key_is_refused(
        self, settings: OpeningSettings, database: Database, tmp_path: Path
    ) -> None:
        stranger = connect_vault(settings.model_copy(update={"vault_database": f"{settings.vault_database}_2"}))
        await initialise_vault(stranger, tmp_path / "other.json", clock=SystemClock().now)
        with pytest.raises(SettingsError, match="another vault"):
            await initialise_vault(database, tmp_path / "other.json", clock=SystemClock().now)

    async def test_an_empty_vault_does_not_pass_for_one_with_destroyed_keys(
        self, settings: OpeningSettings, database: Database
    ) -> None:
        elsewhere = open_vault(
            settings.model_copy(update={"vault_database": "test_nothing_here"}), clock=SystemClock().now
        )
        with pytest.raises(TransientError, match="not initialised"):
            await elsewhere.open_keys([KeyId("0" * 32)])

    async def test_with_a_wrong_root_key_all_waits(
        self, vault: MongoVault, settings: OpeningSettings, tmp_path: Path, database: Database
    ) -> None:
        (key,) = await vault.new_keys(1)
        stranger = connect_vault(settings.model_copy(update={"vault_database": f"{settings.vault_database}_2"}))
        await initialise_vault(stranger, tmp_path / "other.json", clock=SystemClock().now)
        wrong = MongoVault(VaultKeys(database), RootKeyFile(tmp_path / "other.json"), now=SystemClock().now)
        with pytest.raises(TransientError, match="not this vault's"):
            await wrong.open_keys([key.key_id])
        with pytest.raises(TransientError, match="not this vault's"):
            await wrong.check()


@pytest.mark.real
class TestKeyPoolOnMongo:
    async def test_the_vault_opens_what_an_adapter_sealed(self, vault: MongoVault, settings: VaultSettings) -> None:
        keys = await key_pool(settings).new_keys(PARCEL_KEYS + 1)
        sealed = seal(keys[0], MESSAGE, "content", b"words")
        opened = await vault.open_keys(key.key_id for key in keys)
        assert unseal(opened[sealed.key_id], MESSAGE, "content", sealed) == b"words"
        assert opened == {key.key_id: key for key in keys}

    async def test_a_rotation_of_the_pair_between_wrapping_and_insertion_is_seen(
        self, vault: MongoVault, settings: OpeningSettings, database: Database
    ) -> None:
        ledger = _RotatingLedger(VaultKeys(database), RootKeyFile(settings.root_key_file))
        pool = KeyPool(ledger)
        with pytest.raises(TransientError, match="rotated its keys"):
            await pool.new_keys(1)
        (key,) = await pool.new_keys(1)
        assert await vault.open_keys([key.key_id]) == {key.key_id: key}


class _RotatingLedger(VaultKeys):
    """Rotates the pair just before the first insertion."""

    def __init__(self, documents: VaultKeys, root: RootKeyFile) -> None:
        vars(self).update(vars(documents))
        self._rotations = [root.newest()]

    async def insert_keys(self, keys: object) -> None:
        if self._rotations:
            generation, root_key = self._rotations.pop()
            private, public = new_pair()
            await self.add_opening_key(OpeningKey(_id=2, root=generation, wrapped=wrap_key(root_key, private)))
            await self.add_sealing_key(SealingKey(_id=2, public=public))
        await super().insert_keys(keys)  # type: ignore[arg-type]


async def _turn_buckets(database: Database, vault: MongoVault) -> None:
    root, root_key = vault._ring._root.newest()
    await VaultKeys(database).add_bucket_keys(
        [
            BucketKey(
                _id=bucket_key_id(bucket, 2),
                bucket=bucket,
                generation=2,
                root=root,
                wrapped=wrap_key(root_key, bytes(32)),
            )
            for bucket in range(BUCKETS)
        ]
    )


async def _all_names(database: Database) -> AsyncIterator[str]:
    for name in await database.list_collection_names():
        yield name


async def _all_documents(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: await database[name].find().sort("_id", 1).to_list(None) async for name in _all_names(database)}


def _bytes_in(value: object) -> list[bytes]:
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [found for each in value for found in _bytes_in(each)] if isinstance(value, list) else []
