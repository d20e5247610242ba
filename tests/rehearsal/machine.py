"""A town's machine that is lost, with all its disks, and an empty one in its place; what lies elsewhere stays.

elsewhere/data, elsewhere/vault    backups            elsewhere/root        the second root-key file
elsewhere/vault-copy               the vault's        elsewhere/secrets     the town's secrets, as its store of secrets has them
elsewhere/journal                  what left

The sandbox plays what is outside: phones, providers, the town's relay.
"""

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet.store.sending_journal import FILE as SENDINGS
from guichet_local.plan.ports import KAFKA, MONGODB
from guichet_testing.town.services import SANDBOX
from guichet_testing.town.town import Town

LOST: Final = (KAFKA, MONGODB, "objects", "secrets", "logs")


@dataclass(frozen=True)
class Elsewhere:
    """Folders on other disks."""

    folder: Path

    def make(self) -> "Elsewhere":
        """Make those that must be there before a service starts."""
        for each in ("journal", "root", "vault-copy"):
            (self.folder / each).mkdir(parents=True, mode=0o700)
        (self.folder / "journal" / SENDINGS).touch(mode=0o600)
        return self

    @property
    def settings(self) -> dict[str, str]:
        """The variables that name them."""
        return {
            "GUICHET_BACKUPS": str(self.folder / "data"),
            "GUICHET_VAULT_COPY": str(self.folder / "vault-copy"),
            "GUICHET_VAULT_BACKUPS": str(self.folder / "vault"),
            "GUICHET_ROOT_KEY_COPY": str(self.folder / "root" / "root.key"),
            "GUICHET_NOTIFIER_JOURNAL": str(self.folder / "journal"),
        }

    def newest_good_backup(self) -> Path:
        """Return the data's newest backup that was found good."""
        return max(path.parent for path in (self.folder / "data").glob("*/verified"))


@dataclass(frozen=True)
class Machine:
    """town: on it. elsewhere: what is not."""

    town: Town
    elsewhere: Elsewhere

    @property
    def services(self) -> list[str]:
        """Every process of the town's but its servers."""
        names = [state.name for state in self.town.stack.supervisor.states()]
        return [name for name in names if name not in {KAFKA, MONGODB, SANDBOX}]

    def keep_secrets(self) -> None:
        """Have the town's store of secrets hold what deployment knows: all but the root-key file."""
        shutil.copytree(
            self.town.stack.folder / "secrets",
            self.elsewhere.folder / "secrets",
            ignore=shutil.ignore_patterns("root.key*"),
        )

    async def is_lost(self) -> None:
        """End everything at one moment, as a fire does, and take the disks."""
        names = [*self.services, KAFKA, MONGODB]
        pids = {state.name: state.pid for state in self.town.stack.supervisor.states() if state.pid}
        for name in names:
            with suppress(ProcessLookupError, KeyError):
                os.kill(pids[name], signal.SIGSTOP)  # all of one moment: nobody learns that another is gone
        ending = asyncio.create_task(asyncio.to_thread(self.town.stack.supervisor.end, *names))
        await asyncio.sleep(0.3)  # the supervisor was told first, and starts none of them again
        for name in names:
            with suppress(ProcessLookupError, KeyError):
                os.kill(pids[name], signal.SIGKILL)
        await ending
        for name in LOST:
            await asyncio.to_thread(shutil.rmtree, self.town.stack.folder / name)

    async def stands_empty(self) -> None:
        """Install what an installation has: settings, secrets, an empty Kafka and an empty MongoDB."""
        folder = self.town.stack.folder
        await asyncio.to_thread(shutil.copytree, self.elsewhere.folder / "secrets", folder / "secrets")
        for name in ("objects", "logs"):
            (folder / name).mkdir(mode=0o700)
        for server in self.town.stack._parts.servers.values():  # what `up` does on an empty folder
            await asyncio.to_thread(server.prepare)
        for name in (MONGODB, KAFKA):
            await asyncio.to_thread(self.town.stack.start, name)

    async def starts(self) -> None:
        """Start the services and return when all are ready."""
        await asyncio.gather(*(asyncio.to_thread(self.town.stack.start, name) for name in self.services))
