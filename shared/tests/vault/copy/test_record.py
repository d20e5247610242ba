"""What the vault's document says of its copy: who keeps it, how far it is, who waits; and what a vault may lack."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from bson.timestamp import Timestamp

from guichet.errors import TransientError
from guichet.vault.backup import back_up_vault
from guichet.vault.copy.behind import keys_lacking
from guichet.vault.copy.copied_vault import CopiedVault
from guichet.vault.copy.folder import CHANGES
from guichet.vault.copy.record import CopyTakenError
from guichet.vault.keys import second_copy
from guichet.vault.keys.collections import KEYS
from guichet.vault.keys.second_copy import SecondCopy
from shared.tests.vault.copy.kept_copy import CopiedTown

pytestmark = pytest.mark.real

LATER = Timestamp(2**31, 1)


class TestMongoCopyRecord:
    async def test_one_folder_holds_the_copy_and_another_only_if_an_operator_says_so(self, copied: CopiedTown) -> None:
        await copied.record.expect()
        assert not await copied.record.take("mine")
        assert await copied.record.take("mine"), "who comes again is known"
        with pytest.raises(CopyTakenError):
            await copied.record.take("another")
        assert await copied.record.begin_anew()
        with pytest.raises(CopyTakenError):
            await copied.record.take("another")  # while the first is kept
        await copied.record.leave("mine")
        assert not await copied.record.take("another")
        with pytest.raises(CopyTakenError):
            await copied.record.beat("mine", None, alive=True)

    async def test_a_rotation_is_answered_by_who_keeps_the_copy(self, copied: CopiedTown) -> None:
        copy = SecondCopy(copied.town.database)
        await copied.record.expect()
        await copied.record.take("mine")
        assert (await copied.record.beat("mine", None, alive=True)).prune is None
        asking = asyncio.create_task(copy.prune(7, _keep))
        while (await copied.record.beat("mine", None, alive=True)).prune != 7:  # noqa: ASYNC110 (the other task's write)
            await asyncio.sleep(0.01)
        await copied.record.pruned("mine", 7)
        await asking

    async def test_who_writes_waits_until_the_copy_is_so_far(
        self, copied: CopiedTown, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(second_copy, "PATIENCE", timedelta(milliseconds=100))
        copy = SecondCopy(copied.town.database)
        await copied.record.expect()
        await copied.record.take("mine")
        for until in (None, Timestamp(1, 1)):
            await copied.record.beat("mine", until, alive=True)
            with pytest.raises(TransientError):
                await copy.durable(copy.ask)
        await copied.record.beat("mine", LATER, alive=True)
        await copy.durable(copy.ask)
        await copy.durable_if_kept(copy.ask)

    @pytest.mark.parametrize("holder", [None, "mine"])
    async def test_a_vault_that_was_put_back_forgets_how_far_its_copy_was(
        self, copied: CopiedTown, holder: str | None
    ) -> None:
        await copied.record.expect()
        await copied.record.take("mine")
        await copied.record.beat("mine", LATER, alive=True)
        await copied.record.restored(holder)
        state = await copied.record.state()
        assert state is not None
        assert (state.get("holder"), state.get("until"), state["alive"]) == (holder, None, False)

    async def test_where_no_copy_is_expected_nobody_waits(self, copied: CopiedTown) -> None:
        copy = SecondCopy(copied.town.database)
        assert await copied.record.state() is None
        assert not await copied.record.begin_anew()
        await copy.prune(1, _keep)
        await copied.record.expect()
        assert await copied.record.give_up()
        assert await copied.record.state() is None
        assert not await copy.is_kept()
        await copied.record.expect()
        assert await copied.record.state() is not None


class TestMongoKeysLacking:
    async def test_a_key_that_is_neither_there_nor_destroyed_is_lacking(
        self, copied: CopiedTown, tmp_path: Path
    ) -> None:
        made, pooled = await copied.town.make(3), await copied.town.pool(3)
        await back_up_vault(copied.town.database, tmp_path / "backup", _beat, copied.clock.now())
        (tmp_path / "backup" / CHANGES).touch()
        backup = CopiedVault(tmp_path / "backup")
        await copied.town.destroy([made[0], pooled[0]])
        assert await keys_lacking(copied.town.database, backup) == 0
        await copied.town.database[KEYS].delete_many({"_id": {"$in": [made[1], pooled[1]]}})
        assert await keys_lacking(copied.town.database, backup) == 2
        await copied.town.rotation().run()
        assert await keys_lacking(copied.town.database, backup) == 0, "what its rotation found noise is not lacking"


async def _keep() -> None:
    return


async def _beat(_name: str, _count: int) -> None:
    return
