"""One town under test: a running stack, its citizens, its operator, its ledger of erasures."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from guichet.contracts.topics import TOPICS, Topic
from guichet.kafka.admin.offsets import Offsets
from guichet.runtime.settings import KafkaSettings
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import SANDBOX
from guichet_testing.town.store import DATA, VAULT, looked_into
from guichet_topology.services import SERVICES

ERASES_SOON: Final = {  # what an erasure waits for is over within seconds
    "GUICHET_KEYS_REMEMBERED_FOR": "PT2S",
    "GUICHET_CASE_ROUTER_SWEEP_AFTER": "PT1S",
    "GUICHET_ERASURE_WAITS": "PT1S",
}
_REQUEST: Final = re.compile(r"Erasure ([0-9a-f]+);")


@dataclass(frozen=True)
class Town:
    """stack: running. sandbox: its citizens."""

    stack: LocalStack
    sandbox: SandboxClient

    async def guichet(self, *words: str, typed: str = "") -> str:
        """Run the operator's command and return what it says. typed: what it is told where it asks."""
        return await asyncio.to_thread(guichet, self.stack, *words, typed=typed)

    async def citizen_at(self, address: str) -> str:
        """Return the registry's id of the one whom an address leads to."""
        return (await self.guichet("citizens", "find", typed=address)).split()[0]

    async def ask_for_erasure(self, citizen: str, nth: int) -> str:
        """Have a person erased by the command line; return the request's id once the broker holds it."""
        order = ("--decision", f"DPO-2026-{nth:03}", "--visa", f"AD-2026-{nth:03}", "--yes", "--detach")
        said = await self.guichet("erase", citizen, *order)
        found = _REQUEST.search(said)
        assert found is not None, said
        return found[1]

    def ledger(self, requests: Sequence[str]) -> list[ErasureEntry]:
        """Return these entries of the ledger, as far as they are there."""
        with looked_into(self.stack) as client:
            found = list(client[VAULT]["erasures"].find({"_id": {"$in": [*requests]}}))
        return [ErasureEntry.model_validate(document) for document in found]

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """Return every document of a collection, by its id."""
        with looked_into(self.stack) as client:
            return list(client[DATA][collection].find().sort("_id"))

    async def all_is_handled(self) -> bool:
        """Return whether every registered group has handled everything."""
        return await all_is_handled(self.kafka)

    @property
    def services(self) -> tuple[str, ...]:
        """Return every service; the citizens' sandbox is none."""
        return tuple(service.name for service in SERVICES if service.name != SANDBOX)

    async def stop(self, *services: str) -> None:
        """Stop services in order, all at the same time."""
        await asyncio.to_thread(self.stack.supervisor.end, *services)

    async def start(self, *services: str) -> None:
        """Start services and return when all are ready."""
        await asyncio.gather(*(asyncio.to_thread(self.stack.start, service) for service in services))

    @property
    def kafka(self) -> KafkaSettings:
        """Return where the broker is, as its administrator."""
        return self.stack.kafka_admin


async def all_is_handled(kafka: KafkaSettings, topics: Iterable[Topic[Any]] = TOPICS) -> bool:
    """Return whether every registered group has handled all that these topics hold."""
    async with Offsets(kafka) as offsets:
        looks = [await offsets.lags([*topics]) for _ in range(2)]  # what one topic brings about on another shows then
    return not any(lag.records for lags in looks for lag in lags)


@asynccontextmanager
async def town_in(folder: Path, **options: Any) -> AsyncIterator[Town]:
    """Start a town in a folder and stop it at the end. options: of LocalStack."""
    with LocalStack(folder, **options) as stack:
        async with SandboxClient(stack.addresses[SANDBOX]) as sandbox:
            yield Town(stack, sandbox)
