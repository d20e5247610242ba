"""The night's rotation and an erasure's do not refuse each other."""

import asyncio
from datetime import UTC, datetime

import pytest

from gdpr_worker.entry.one_rotation import OneRotation
from guichet.errors import TransientError
from guichet.vault.rotation.ports import Rotation, RotationReport

NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Locked(Rotation):
    """Refuses a second one, as the store's lease does."""

    def __init__(self) -> None:
        self.under_way, self.done, self.fails = False, 0, False

    async def run(self) -> RotationReport:
        if self.under_way:
            raise TransientError("another process rotates")
        self.under_way = True
        await asyncio.sleep(0)
        self.under_way = False
        if self.fails:
            raise TransientError("the store is away")
        self.done += 1
        return RotationReport(generation=self.done, began_at=NOW, ended_at=NOW, buckets=0, keys=0)


async def test_whoever_comes_second_rotates_afterwards():
    rotation = OneRotation(Locked())
    reports = await asyncio.gather(rotation.run(), rotation.run(), rotation.run())
    assert [each.generation for each in reports] == [1, 2, 3]


async def test_one_that_fails_keeps_nobody_waiting():
    locked = Locked()
    rotation, locked.fails = OneRotation(locked), True
    with pytest.raises(TransientError, match="away"):
        await rotation.run()
    locked.fails = False
    assert (await rotation.run()).generation == 1
