"""A vault with keys of its own, whoever steals copies of it, and a store that dies when it is told to."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from guichet.clock import SystemClock
from guichet.errors import TamperedError, TransientError
from guichet.ids import KeyId
from guichet.mongo.client import Database, connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.wrapping import open_parcel, unwrap_key
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.pool import parcelled
from guichet.vault.root_key.file import RootKeyFile, read_root_keys
from guichet.vault.root_key.writer import RootKeyWriter
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.ports import RotationReport
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rotate import VaultRotation
from guichet.vault.sealing import DataKey, new_data_key
from guichet.vault.setup import initialise_vault
from guichet_local.mongod.server import MongoServer

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


async def rotated(town: Town) -> RotationReport | None:
    """Return the report of a rotation; None where it was not done."""
    with suppress(TransientError):
        return await town.rotation().run()
    return None
