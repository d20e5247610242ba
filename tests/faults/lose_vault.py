"""`python -m tests.faults.lose_vault`: what `make lose-vault` runs. The vault's disk is lost under load, again and again.

A mongod of the vault's own, who keeps its second copy and the services that use it are processes; at a random moment
all are killed, and everything that mongod wrote is gone. An empty one is started, the vault restored from the copy, and
whatever was ever accepted must open, as nothing may that was erased. A control follows: with nobody waiting for the
copy, as without the setting, the same losses must lose messages, or the run proves nothing.

LOSE_VAULT_TIMES (50), LOSE_VAULT_SECONDS (5: the longest between two losses; a loaded machine needs more for a rotation to
end), LOSE_VAULT_SEED.
"""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

import typer

from guichet.mongo.client import connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_testing.until import until
from shared.tests.vault.copy.kept_copy import CopiedTown
from shared.tests.vault.copy.losses import Accounts, Happened, restore
from shared.tests.vault.rotation.rotated_town import Town, a_town

TIMES: Final = int(os.environ.get("LOSE_VAULT_TIMES", "50"))
SECONDS: Final = float(os.environ.get("LOSE_VAULT_SECONDS", "5"))
CONTROLS: Final = 10
VAULT: Final = "lost_vault"


class Losing:
    """One town in a folder. waits: whether a key waits for the copy."""

    def __init__(self, folder: Path, seed: int, *, waits: bool) -> None:
        self._folder, self._waits = folder, waits
        self._chance = random.Random(seed)
        self._port = free_ports(1)[0]
        self._lines = folder / "happened"
        self._lines.touch()
        self._read_to = 0
        self.accounts = Accounts()

    async def run(self, times: int) -> list[str]:
        """Lose the vault so many times; return what was lost, a line each."""
        wrong: list[str] = []
        for nth in range(times):
            began, server = monotonic(), self._empty_server(nth)
            server.start()
            copied = await self._vault(server, first=nth == 0)
            if nth:
                await restore(copied)
                wrong += await self._verdict(copied, nth)
            await self._until_killed(server, copied)
            copied.town.database.client.close()
            typer.echo(f"{nth + 1:3d}: {len(self.accounts.accepted)} accepted, {monotonic() - began:.1f} s")
        server = self._empty_server(times)
        server.start()
        copied = await self._vault(server, first=False)
        await restore(copied)
        wrong += await self._verdict(copied, times)
        server.stop()
        return wrong

    def _empty_server(self, nth: int) -> MongoServer:
        folder = self._folder / f"mongod-{nth}"
        folder.mkdir()
        return MongoServer(folder, self._port, find_mongod())

    async def _vault(self, server: MongoServer, *, first: bool) -> CopiedTown:
        root = self._folder / f"{VAULT}.key"
        if first:
            town = await a_town(server, VAULT, self._folder)
        else:
            where = OpeningSettings(mongodb_uri=server.uri, vault_database=VAULT, root_key_file=root)
            town = Town(connect_vault(where), root)
        return CopiedTown(town, self._folder / "copy")

    async def _until_killed(self, server: MongoServer, copied: CopiedTown) -> None:
        await copied.record.expect()
        with self._process(server, "keep") as keeper:
            await until(copied.is_alive)
            with self._process(server, "load" if self._waits else "hasty-load") as load:
                await until(lambda: self._lines.stat().st_size > self._read_to)
                await asyncio.sleep(self._chance.uniform(0.1, SECONDS))
                if self._chance.random() < 0.5:  # the copy's disk hesitates before all is over
                    keeper.send_signal(signal.SIGSTOP)
                    await asyncio.sleep(self._chance.uniform(0.1, 1))
                for kill in self._chance.sample([server.kill, keeper.kill, load.kill], 3):
                    kill()
        self._read_lines()
        for each in self._folder.glob("mongod-*"):
            shutil.rmtree(each)

    @contextmanager
    def _process(self, server: MongoServer, what: str) -> Iterator[subprocess.Popen[bytes]]:
        arguments = [what, server.uri, str(self._folder), str(self._chance.randrange(10**6))]
        with (self._folder / f"{what}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.vault_services", *arguments], stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def _read_lines(self) -> None:
        """What was written whole was accepted; of a last half line nobody was told."""
        with self._lines.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if line.endswith(b"\n"):
                    self.accounts.note(Happened.model_validate_json(line))
                    self._read_to += len(line)
        os.truncate(self._lines, self._read_to)

    async def _verdict(self, copied: CopiedTown, nth: int) -> list[str]:
        lost, revived = await self.accounts.lost(copied), await self.accounts.revived(copied)
        return [
            f"after loss {nth}: {len(each)} {what}" for each, what in ((lost, "lost"), (revived, "revived")) if each
        ]


def main() -> int:
    """Run, print what came of it, and return the status."""
    seed = int(os.environ.get("LOSE_VAULT_SEED", random.randrange(10**6)))
    typer.echo(f"LOSE_VAULT_SEED={seed}")
    with tempfile.TemporaryDirectory() as folder:
        losing = Losing(Path(folder), seed, waits=True)
        wrong = asyncio.run(losing.run(TIMES))
    accounts = losing.accounts
    typer.echo(
        f"{TIMES} losses: {len(accounts.accepted)} messages accepted, {len(accounts.gone)} keys destroyed,"
        f" {len(accounts.certified)} of them certified"
    )
    with tempfile.TemporaryDirectory() as folder:
        control = asyncio.run(Losing(Path(folder), seed, waits=False).run(CONTROLS))
    typer.echo(f"control, nobody waiting for the copy, {CONTROLS} losses: {'; '.join(control) or 'nothing lost'}")
    for each in wrong:
        typer.echo(f"WRONG {each}")
    if not control:
        typer.echo("WRONG the control lost nothing: this run proves nothing")
    return 1 if wrong or not control else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
