"""The running town of the drill: its stack, its ledger, its command line, and waiting for what must come."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

from pymongo import MongoClient

from citizen_sandbox.client import SandboxClient
from guichet.contracts.topics import TOPICS
from guichet.kafka.admin.offsets import Offsets
from guichet.runtime.settings import KafkaSettings
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet_local.stack import LocalStack
from guichet_testing.stolen_copy.copy import DATA, VAULT

R = TypeVar("R")

WORKERS: Final = ("case-router", "notifier", "gdpr-worker")
KEPT: Final = (
    *("cases", "messages", "citizens", "identifiers", "threads", "deliveries", "commands"),
    "abuse_declarations",
)
PATIENCE: Final = timedelta(seconds=60)
HELD_BY: Final = "GUICHET_GDPR_WORKER_HELD_BY"  # patient_gdpr_worker: which file keeps it from turning
_ROOT: Final = Path(__file__).parents[2]
_REQUEST: Final = re.compile(r"Erasure ([0-9a-f]+);")


@dataclass
class Town:
    """stack: running, its gdpr-worker the patient one. hold: the file that keeps the vault from being rotated."""

    stack: LocalStack
    sandbox: SandboxClient
    hold: Path

    async def ask_for_erasure(self, citizen: str, nth: int) -> str:
        """Have a person erased by the command line; return the request's id once the broker holds it."""
        order = ("--decision", f"DPO-2026-{nth:03}", "--visa", f"AD-2026-{nth:03}", "--yes", "--detach")
        told = await self.guichet("erase", citizen, *order)
        found = _REQUEST.search(told)
        assert found is not None, told
        return found[1]

    async def citizen_at(self, address: str) -> str:
        """Return the registry's id of the one whom an address leads to."""
        return (await self.guichet("citizens", "find", asked=address)).split()[0]

    async def guichet(self, *words: str, asked: str = "") -> str:
        """Run `guichet …` and return what it says. asked: what it is told where it asks."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "guichet_cli", *words],
            env=self.stack.environment_of("guichet", *words),
            input=asked,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"guichet {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def ledger(self, requests: Sequence[str]) -> list[ErasureEntry]:
        """Return these entries of the ledger, as far as they are there."""
        found = self._read(lambda client: list(client[VAULT]["erasures"].find({"_id": {"$in": [*requests]}})))
        return [ErasureEntry.model_validate(document) for document in found]

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """Return every document of the collections that a replay could change."""
        return self._read(lambda client: {name: list(client[DATA][name].find().sort("_id")) for name in KEPT})

    def oplog(self) -> list[dict[str, Any]]:
        """Return what the store still tells of every write."""
        return self._read(lambda client: list(client["local"]["oplog.rs"].find()))

    def password_of(self, name: str) -> str:
        """Return the password that the first start wrote down."""
        lines = (self.stack.folder / "secrets" / "agents.txt").read_text().splitlines()
        return next(line.split()[-1] for line in lines if line.startswith(f"{name} ") or line.startswith(f"{name}\t"))

    async def all_is_handled(self) -> bool:
        """Return whether every registered group has handled everything."""
        async with Offsets(self.kafka) as offsets:
            looks = [await offsets.lags(TOPICS) for _ in range(2)]  # what one topic brings about on another shows then
        return not any(lag.records for lags in looks for lag in lags)

    @property
    def services(self) -> tuple[str, ...]:
        """Return every service; the citizens' sandbox is none: it is the world outside."""
        return tuple(service.name for service in SERVICES if service.name != "citizen-sandbox")

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

    def _read(self, query: Callable[[MongoClient[dict[str, Any]]], R]) -> R:
        with MongoClient[dict[str, Any]](self.stack.mongodb_admin_uri, tz_aware=True) as client:
            return query(client)


def stack_in(folder: Path) -> LocalStack:
    """Return the drill's stack, not started; its vault is held from turning from the beginning."""
    hold = folder / "not-yet"
    folder.mkdir(parents=True, exist_ok=True)
    hold.touch()
    settings = {
        "GUICHET_KEYS_REMEMBERED_FOR": "PT2S",
        "GUICHET_ERASURE_WAITS": "PT1S",
        "GUICHET_CASE_ROUTER_SWEEP_AFTER": "PT1S",
        HELD_BY: str(hold),
        "PYTHONPATH": str(_ROOT),
    }
    return LocalStack(folder, settings=settings, services=[_patient(service) for service in SERVICES])


def _patient(service: Service) -> Service:
    if service.name != "gdpr-worker":
        return service
    variables = (*service.variables, "PYTHONPATH")
    return replace(service, package="tests.erasure.patient_gdpr_worker", variables=variables)


async def until(what: str, holds: Callable[[], bool | Awaitable[bool]], every: float = 0.2) -> None:
    """Return once it holds. Raises TimeoutError that says what did not."""
    end = monotonic() + PATIENCE.total_seconds()
    while not await _answer(holds()):
        if monotonic() > end:
            raise TimeoutError(f"not within {PATIENCE.total_seconds():g} s: {what}")
        await asyncio.sleep(every)


async def _answer(answer: bool | Awaitable[bool]) -> bool:
    return answer if isinstance(answer, bool) else await answer
