"""A pool outlasts an outage, and never gives out what the vault does not hold."""

import asyncio
from collections.abc import Sequence

import pytest

from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.vault.keys.documents import ParcelledKey, SealingKey, WrappedKey
from guichet.vault.keys.wrapping import new_pair, open_parcel, unwrap_key
from guichet.vault.pool import PARCEL_KEYS, KeyPool
from guichet_testing.until import until


class Ledger:
    """A vault's public side in memory. loses: acknowledges no insertion, though it may have happened."""

    def __init__(self) -> None:
        self.private, public = new_pair()
        self.key = SealingKey(_id=1, public=public)
        self.inserted: dict[KeyId, WrappedKey] = {}
        self.away = self.loses = False
        self.calls = 0

    async def sealing_key(self) -> SealingKey:
        self.calls += 1
        await asyncio.sleep(0)
        if self.away:
            raise TransientError("away")
        return self.key

    async def insert_keys(self, keys: Sequence[WrappedKey]) -> None:
        await asyncio.sleep(0)
        self.inserted.update({key.key_id: key for key in keys})
        if self.loses:
            raise TransientError("no answer")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


async def until_full(pool: KeyPool, size: int) -> None:
    await until(lambda: len(pool) >= size)


async def test_a_full_pool_outlasts_an_outage(ledger: Ledger) -> None:
    async with KeyPool(ledger, capacity=PARCEL_KEYS) as pool:
        await until_full(pool, PARCEL_KEYS)
        ledger.away = True
        keys = [key for _ in range(PARCEL_KEYS) for key in await pool.new_keys(1)]
        assert len({key.key_id for key in keys}) == PARCEL_KEYS
        with pytest.raises(TransientError):
            await pool.new_keys(1)


async def test_it_fills_again_after_an_outage(ledger: Ledger) -> None:
    ledger.away = True
    async with KeyPool(ledger, capacity=10) as pool:
        await asyncio.sleep(0.05)
        assert len(pool) == 0
        ledger.away = False
        await until_full(pool, 10)


async def test_it_works_before_it_has_filled_itself(ledger: Ledger) -> None:
    pool = KeyPool(ledger)
    assert len(await pool.new_keys(3)) == 3


async def test_more_than_it_holds_can_be_asked_for(ledger: Ledger) -> None:
    keys = await KeyPool(ledger, capacity=10).new_keys(3 * PARCEL_KEYS)
    assert len({key.key_id for key in keys}) == 3 * PARCEL_KEYS


async def test_no_key_is_handed_out_twice(ledger: Ledger) -> None:
    pool = KeyPool(ledger)
    batches = await asyncio.gather(*(pool.new_keys(7) for _ in range(200)))
    assert len({key.key_id for batch in batches for key in batch}) == 1400


async def test_a_key_whose_insertion_was_not_acknowledged_is_never_used(ledger: Ledger) -> None:
    pool = KeyPool(ledger)
    ledger.loses = True
    with pytest.raises(TransientError):
        await pool.new_keys(1)
    doubtful = set(ledger.inserted)
    ledger.loses = False
    assert not doubtful & {key.key_id for key in await pool.new_keys(PARCEL_KEYS)}


async def test_every_key_handed_out_is_one_the_vault_can_open(ledger: Ledger) -> None:
    for key in await KeyPool(ledger).new_keys(5):
        stored = ledger.inserted[key.key_id]
        assert isinstance(stored, ParcelledKey)
        assert unwrap_key(open_parcel(ledger.private, stored.parcel), stored.wrapped) == key.secret


async def test_in_an_outage_all_who_wait_are_refused_at_once(ledger: Ledger) -> None:
    """One attempt for all: a server that is away makes each attempt wait five seconds."""
    ledger.away = True
    pool = KeyPool(ledger)
    answers = await asyncio.gather(*(pool.new_keys(1) for _ in range(50)), return_exceptions=True)
    assert all(isinstance(answer, TransientError) for answer in answers)
    assert ledger.calls == 1


async def test_one_who_gives_up_waiting_does_not_stop_the_others(ledger: Ledger) -> None:
    pool = KeyPool(ledger)
    impatient = asyncio.create_task(pool.new_keys(1))
    patient = asyncio.create_task(pool.new_keys(1))
    await asyncio.sleep(0)
    impatient.cancel()
    assert len(await patient) == 1
