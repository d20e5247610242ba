"""Rotations that are killed, overtaken or repeated, in any order with keys made and destroyed: nothing living is lost, nothing destroyed is left."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.clock import SystemClock
from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.pool import KeyPool
from guichet.vault.root_key.writer import RootKeyWriter
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.ports import RotationReport
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rotate import VaultRotation
from guichet.vault.sealing import DataKey
from guichet_local.mongod.server import MongoServer
from shared.tests.vault.rotation.rotated_town import AT_ONCE, Fate, KilledError, Town, a_town

pytestmark = pytest.mark.real


class TestTwoAtOnce:
    async def test_one_rotates_and_the_other_is_told_to_ask_again(self, town: Town) -> None:
        results = await asyncio.gather(
            *(town.rotation(lasts=timedelta(minutes=1)).run() for _ in range(2)), return_exceptions=True
        )
        refused = [each for each in results if isinstance(each, TransientError)]
        assert len(refused) == 1
        assert "another process rotates the keys of the vault" in str(refused[0])

    async def test_of_two_who_ask_one_process_the_second_waits_and_then_rotates(self, town: Town) -> None:
        rotation = town.rotation(lasts=timedelta(minutes=1))
        first, second = await asyncio.gather(rotation.run(), rotation.run())
        assert first.generation < second.generation

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
