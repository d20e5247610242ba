"""The vault lost under load at random moments: every accepted message opens. `make lose-vault` does it fifty times."""

import asyncio
import random

import pytest

from shared.tests.vault.copy.kept_copy import CopiedTown
from shared.tests.vault.copy.losses import Accounts, Load, restore

pytestmark = pytest.mark.real
LOSSES = 3


async def test_every_accepted_message_opens_and_nothing_erased_does(copied: CopiedTown) -> None:
    seed = random.randrange(10**6)
    accounts, chance = Accounts(), random.Random(seed)
    load = Load(copied, chance, accounts.note)
    for _ in range(LOSSES):
        async with copied.kept(), load.going_on():
            await asyncio.sleep(chance.uniform(0.3, 1.0))
        await copied.town.database.client.drop_database(copied.town.database.name)
        await load.nothing_under_way()
        await restore(copied)
        assert not await accounts.lost(copied), f"seed {seed}"
        assert not await accounts.revived(copied), f"seed {seed}"
    assert len(accounts.accepted) > 50
