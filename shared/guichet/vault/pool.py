"""Keys made ahead, in bulk: a full pool outlasts an outage of MongoDB, and a key from it costs no wait for the vault.

A key is handed out only after the vault acknowledged its insertion and what wraps it was still in use *after* that: a
rotation that retires the wrapping then finds the key and takes it along. What is left of a doubtful insertion is never
used, which is harmless.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Protocol, Self

import structlog

from guichet.errors import TransientError
from guichet.vault.keys.documents import ParcelledKey, SealingKey, WrappedKey
from guichet.vault.keys.wrapping import BUCKETS, new_keys_in, new_parcel, wrap_key
from guichet.vault.ports import KeySource
from guichet.vault.sealing import DataKey

log = structlog.get_logger()

CAPACITY = 4096  # about 2 MB; an hour at one message a second
PARCEL_KEYS = 512  # one insertion; at its best the store takes 50,000 keys a second this way
PAUSE_WHILE_AWAY = timedelta(seconds=2)


Make = Callable[[int], Awaitable[Sequence[DataKey]]]
"""Makes so many keys, durable and under what is in use. Raises TransientError."""


class SealingLedger(Protocol):
    """What an adapter may do in the vault: read the public half, insert wrapped keys. Both raise TransientError."""

    async def sealing_key(self) -> SealingKey:
        """Return the vault's public half in use."""

    async def insert_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Return once every key is durable."""


class KeyReserve(KeySource):
    """A KeySource that makes keys ahead. `run` keeps it full; `async with` runs it as a task of its own."""

    def __init__(self, make: Make, capacity: int = CAPACITY) -> None:
        self._make_keys = make
        self._capacity = capacity
        self._ready: deque[DataKey] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._making: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._ready)

    async def new_keys(self, count: int) -> list[DataKey]:
        """Take from the reserve. Raises TransientError when the pool is empty and the vault away."""
        while len(self._ready) < count:
            await self._make_more(max(count, PARCEL_KEYS))
        self._room.set()
        return [self._ready.popleft() for _ in range(count)]

    async def run(self) -> None:
        """Keep the pool full until cancelled; while the vault is away, try again every two seconds."""
        while True:
            await self._room.wait()
            self._room.clear()
            try:
                await self._fill()
            except TransientError as exc:
                log.warning("key pool waits for the vault", keys_left=len(self._ready), error=str(exc))
                self._room.set()
                await asyncio.sleep(PAUSE_WHILE_AWAY.total_seconds())

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.run(), name="key pool")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._running is not None
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def _fill(self) -> None:
        while (missing := self._capacity - len(self._ready)) >= min(PARCEL_KEYS, self._capacity):
            await self._make_more(min(missing, PARCEL_KEYS))

    async def _make_more(self, count: int) -> None:
        """Make keys, or wait for those in the making: in an outage all who wait are refused at once."""
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._make(count))
        await asyncio.shield(self._making)

    async def _make(self, count: int) -> None:
        self._ready.extend(await self._make_keys(count))


class KeyPool(KeyReserve):
    """The reserve of those who seal and cannot open (adapters, portal)."""

    def __init__(self, ledger: SealingLedger, *, capacity: int = CAPACITY) -> None:
        super().__init__(self._make_parcel, capacity)
        self._ledger = ledger

    async def _make_parcel(self, count: int) -> Sequence[DataKey]:
        target = await self._ledger.sealing_key()
        keys = new_keys_in(secrets.randbelow(BUCKETS), count)
        await self._ledger.insert_keys(parcelled(keys, target))
        if (await self._ledger.sealing_key()).generation != target.generation:
            raise TransientError("the vault rotated its keys meanwhile: the next try uses its new pair")
        return keys


def parcelled(keys: Sequence[DataKey], target: SealingKey) -> list[ParcelledKey]:
    """Return the documents of keys, in one parcel sealed to the vault. Pure but for its randomness."""
    parcel = new_parcel(target.public)
    return [
        ParcelledKey(
            _id=key.key_id,
            generation=target.generation,
            parcel=parcel.sealed,
            wrapped=wrap_key(parcel.secret, key.secret),
        )
        for key in keys
    ]
