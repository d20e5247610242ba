"""A town that seals what it accepts while its vault is lost again and again: what was accepted must open afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from guichet.contracts.base import Sealed
from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.vault.pool import KeyPool
from guichet.vault.ports import KeySource
from guichet.vault.restore import VaultRestore, check_opens
from guichet.vault.restore_source import candidate_in
from guichet.vault.root_key.file import read_root_keys
from guichet.vault.sealing import DataKey, Thing, seal, unseal
from shared.tests.vault.copy.kept_copy import CopiedTown

ADAPTERS, OPENERS = 3, 3
_FIELD = "words"


class Happened(BaseModel):
    """One thing that the town did: it accepted a message, is about to destroy keys, has, or has rotated the vault since."""

    accepted: str | None = None
    sealed: Sealed | None = None
    destroyed: set[KeyId] = set()
    gone: set[KeyId] = set()
    certified: set[KeyId] = set()


Note = Callable[[Happened], None]


@dataclass
class Load:
    """What the services of a town do with its vault. note: called at the moment when it counts."""

    copied: CopiedTown
    chance: random.Random
    note: Note
    _recent: list[KeyId] = field(default_factory=list)
    _destroyed: set[KeyId] = field(default_factory=set)
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    async def nothing_under_way(self) -> None:
        """Return once what was under way when everything stopped has ended, as it does by itself."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        for each in self._under_way:
            if not each.cancelled():
                each.exception()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Accept messages as fast as keys come, destroy and rotate meanwhile; at the end everything stops at once."""
        before = asyncio.all_tasks()
        async with AsyncExitStack() as pools:
            sources: list[KeySource] = [
                await pools.enter_async_context(KeyPool(self.copied.keys(), capacity=32)) for _ in range(ADAPTERS)
            ]
            sources += [self.copied.town.vault() for _ in range(OPENERS)]
            work = [asyncio.create_task(self._accept(each)) for each in sources]
            work.append(asyncio.create_task(self._erase()))
            try:
                yield
            finally:
                for each in work:
                    each.cancel()
                ended = await asyncio.gather(*work, return_exceptions=True)
        self._under_way = asyncio.all_tasks() - before
        if bugs := [each for each in ended if isinstance(each, Exception)]:
            raise bugs[0]

    async def _accept(self, source: KeySource) -> None:
        while True:
            try:
                keys = await source.new_keys(self.chance.choice((1, 1, 3)))
            except TransientError:
                await asyncio.sleep(0.05)
                continue
            for key in keys:
                self._recent = [*self._recent[-200:], key.key_id]
                self.note(Happened(accepted=key.key_id, sealed=_sealed(key)))
            await asyncio.sleep(self.chance.choice((0, 0.002, 0.01)))

    async def _erase(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.05, 0.6))
            some = {each for each in self._recent if self.chance.random() < 0.02}
            self.note(Happened(destroyed=some))
            with suppress(TransientError):
                await self.copied.town.vault().destroy_keys(some)
                self.note(Happened(gone=some))
                self._destroyed |= some
                before = set(self._destroyed)
                if self.chance.random() < 0.7:
                    await self.copied.rotation().run()
                    self.note(Happened(certified=before))


@dataclass
class Accounts:
    """What the town accepted, is destroying, has destroyed, and certified as erased; kept by whom no loss reaches."""

    accepted: dict[str, Sealed] = field(default_factory=dict)
    destroyed: set[KeyId] = field(default_factory=set)
    gone: set[KeyId] = field(default_factory=set)
    certified: set[KeyId] = field(default_factory=set)

    def note(self, happened: Happened) -> None:
        if happened.accepted is not None and happened.sealed is not None:
            self.accepted[happened.accepted] = happened.sealed
        self.destroyed |= happened.destroyed
        self.gone |= happened.gone
        self.certified |= happened.certified

    async def lost(self, copied: CopiedTown) -> Sequence[str]:
        """Return the messages that do not open and whose key nobody destroyed."""
        keys = await copied.town.vault().open_keys({each.key_id for each in self.accepted.values()})
        left = {name: each for name, each in self.accepted.items() if each.key_id not in self.destroyed}
        return [name for name, sealed in left.items() if not _opens(name, sealed, keys)]

    async def revived(self, copied: CopiedTown) -> set[KeyId]:
        """Return what is open again though somebody was told that it is destroyed."""
        return set(await copied.town.vault().open_keys(self.gone | self.certified))


async def restore(copied: CopiedTown) -> None:
    """Put the second copy back, as the operator's command does."""
    candidate = candidate_in(copied.folder)
    check_opens(candidate.source, read_root_keys(copied.town.root))
    await VaultRestore(copied.town.database).replace(candidate.source, _no_beat, copy=copied.folder)


def _sealed(key: DataKey) -> Sealed:
    return seal(key, Thing("message", key.key_id), _FIELD, f"the words of {key.key_id}".encode())


def _opens(name: str, sealed: Sealed, keys: dict[KeyId, DataKey]) -> bool:
    key = keys.get(sealed.key_id)
    if key is None or not key.is_held:
        return False
    return unseal(key, Thing("message", name), _FIELD, sealed) == f"the words of {name}".encode()


async def _no_beat(_name: str, _count: int) -> None:
    return
