"""The processes that `make lose-vault` kills: `keep` the vault's second copy, or be the `load` of a town's services."""

import asyncio
import os
import random
import sys
from pathlib import Path

from guichet.clock import SystemClock
from guichet.mongo.client import connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.vault.copy.keep import CopyKeeper
from guichet.vault.keys.second_copy import SecondCopy, Write
from shared.tests.vault.copy.kept_copy import CopiedTown
from shared.tests.vault.copy.losses import Happened, Load
from shared.tests.vault.rotation.rotated_town import Town

VAULT = "lost_vault"


async def keep(uri: str, folder: Path) -> None:
    """Keep the copy until killed."""
    clock = SystemClock()
    await CopyKeeper(_town(uri, folder).town.database, folder / "copy", now=clock.now, sleep=clock.sleep).run()


async def load(uri: str, folder: Path, seed: int) -> None:
    """Accept messages until killed; one is accepted once its line is handed to the system."""
    lines = os.open(folder / "happened", os.O_WRONLY | os.O_APPEND)

    def note(happened: Happened) -> None:
        os.write(lines, happened.model_dump_json(exclude_defaults=True).encode() + b"\n")

    async with Load(_town(uri, folder), random.Random(seed), note).going_on():
        await asyncio.Event().wait()


def _town(uri: str, folder: Path) -> CopiedTown:
    root = folder / f"{VAULT}.key"
    where = OpeningSettings(mongodb_uri=uri, vault_database=VAULT, root_key_file=root)
    return CopiedTown(Town(connect_vault(where), root), folder / "copy")


async def _at_once(_copy: SecondCopy, write: Write) -> None:
    await write(None)


if __name__ == "__main__":
    what, uri, folder, seed = sys.argv[1:]
    if what == "hasty-load":  # the control: nobody waits for the copy
        SecondCopy.durable = _at_once  # type: ignore[method-assign]
    asyncio.run(keep(uri, Path(folder)) if what == "keep" else load(uri, Path(folder), int(seed)))
