"""One town under test: a running stack, its citizens, its operator, its ledger of erasures."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient

from guichet.contracts.topics import TOPICS, Topic
from guichet.kafka.admin.offsets import Offsets
from guichet.runtime.settings import KafkaSettings
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import SANDBOX, SERVICES
from guichet_testing.town.store import DATA, VAULT, looked_into

ERASES_SOON: Final = {  # what an erasure waits for is over within seconds
    "GUICHET_KEYS_REMEMBERED_FOR": "PT2S",
    "GUICHET_CASE_ROUTER_SWEEP_AFTER": "PT1S",
    "GUICHET_ERASURE_WAITS": "PT1S",
}
_REQUEST: Final = re.compile(r"Erasure ([0-9a-f]+);")


@dataclass(frozen=True)
class Town:
    """What a test does in a running stack and sees of it, over connections that are opened once.

    sandbox: its citizens. store: its two databases, as their administrator. offsets: of its groups.
    """

    stack: LocalStack
    sandbox: SandboxClient
    store: MongoClient[dict[str, Any]]
    offsets: Offsets

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
        found = self.store[VAULT]["erasures"].find({"_id": {"$in": [*requests]}})
        return [ErasureEntry.model_validate(document) for document in found]

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """Return every document of a collection, by its id."""
        return list(self.store[DATA][collection].find().sort("_id"))

    async def all_is_handled(self) -> bool:
        """Return whether the group of each service here has handled everything, and the notifier told what it did."""
        return not self._untold_deliveries() and await all_is_handled(self.offsets, groups=self.stack.services)

    def _untold_deliveries(self) -> int:
        """Count the deliveries whose change is not on its topic yet: no group lags there until it is."""
        return self.store[DATA]["deliveries"].count_documents({"unpublished": True}, limit=1)

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


async def all_is_handled(
    offsets: Offsets, topics: Iterable[Topic[Any]] = TOPICS, groups: Collection[str] | None = None
) -> bool:
    """Return whether these groups, or every registered one, have handled all that these topics hold."""
    looks = [await offsets.lags([*topics]) for _ in range(2)]  # what one topic brings about on another shows then
    waited_for = (lag for lags in looks for lag in lags if groups is None or lag.group in groups)
    return not any(lag.records for lag in waited_for)


@asynccontextmanager
async def town_in(folder: Path, **options: Any) -> AsyncIterator[Town]:
    """Start a town in a folder and stop it at the end. options: of LocalStack."""
    with LocalStack(folder, **options) as stack:
        async with town_of(stack) as town:
            yield town


@asynccontextmanager
async def town_of(stack: LocalStack) -> AsyncIterator[Town]:
    """Look at a stack that runs, as long as the block lasts."""
    with looked_into(stack) as store:
        async with SandboxClient(stack.addresses[SANDBOX]) as sandbox, Offsets(stack.kafka_admin) as offsets:
            yield Town(stack, sandbox, store, offsets)
