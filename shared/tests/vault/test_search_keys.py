"""The keys of search files: told from every other, noted once they are to go, on the twin and on the real MongoDB."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from guichet.clock import SystemClock
from guichet.mongo.client import connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.vault.keys.wrapping import bucket_of, is_search_key
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import Vault
from guichet.vault.search_keys import GivenUpKeys, MongoGivenUpKeys, MongoSearchKeys, SearchKeys
from guichet.vault.setup import initialise_vault
from guichet_local.mongod.server import MongoServer
from guichet_testing.twins.vault import InMemorySearchKeys, InMemoryVault


@dataclass(frozen=True)
class Side:
    vault: Vault
    keys: SearchKeys
    given_up: GivenUpKeys


class SearchKeysSuite:
    """What the keys of search files promise."""

    async def test_they_open_and_are_told_from_every_other(self, side: Side) -> None:
        one, two = await side.keys.new_search_key(), await side.keys.new_search_key()
        others = await side.vault.new_keys(3)
        assert await side.keys.open_keys([one.key_id, two.key_id]) == {one.key_id: one, two.key_id: two}
        assert await side.keys.living_search_keys() == {one.key_id, two.key_id}
        assert [is_search_key(key.key_id) for key in (one, two, *others)] == [True, True, False, False, False]
        assert bucket_of(one.key_id) == bucket_of(two.key_id)

    async def test_what_is_given_up_is_noted_until_it_is_destroyed(self, side: Side) -> None:
        gone, kept = await side.keys.new_search_key(), await side.keys.new_search_key()
        for _ in range(2):
            await side.keys.give_up([gone.key_id])
        await side.keys.give_up([])
        assert await side.given_up.given_up() == {gone.key_id}
        await side.keys.give_up([gone.key_id, kept.key_id])
        await side.vault.destroy_keys([gone.key_id])
        for _ in range(2):
            await side.given_up.forget([gone.key_id])
        assert await side.given_up.given_up() == {kept.key_id}
        assert await side.keys.living_search_keys() == {kept.key_id}


class TestInMemorySearchKeys(SearchKeysSuite):
    @pytest.fixture
    def side(self) -> Side:
        vault = InMemoryVault()
        keys = InMemorySearchKeys(vault)
        return Side(vault, keys, keys)


@pytest.mark.real
class TestMongoSearchKeys(SearchKeysSuite):
    @pytest.fixture
    async def side(self, mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[Side]:
        settings = OpeningSettings(
            mongodb_uri=mongo_server.uri,
            vault_database=f"{mongo_database}_vault",
            root_key_file=tmp_path / "root-key.json",
        )
        database = connect_vault(settings)
        await initialise_vault(database, settings.root_key_file, clock=SystemClock().now)
        vault = open_vault(settings, SystemClock().now)
        yield Side(vault, MongoSearchKeys(vault, database), MongoGivenUpKeys(database))
        database.client.close()
