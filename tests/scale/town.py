"""The town that is measured: the example's, with as many agents as look on, on the processes of `make run`."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
from pymongo import MongoClient

from guichet_local.plan.preparation import AGENTS, PREPARATION, Preparation
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.town.search_files import folder_of
from guichet_testing.town.services import only
from guichet_testing.town.store import looked_into
from tests.scale.size import Size

INDEXER, DESK, ROUTER, FEEDER = "search-indexer", "agent-desk", "case-router", "ingest-sms"
AGENT: Final = "helene.vasseur"  # sees eight departments whole
CACHE_OF_A_MILLION_GIB: Final = 8  # docs/operations.md
LEAST_CACHE_GIB: Final = 0.25  # of `make run`
_LATER: Final = (INDEXER, DESK, ROUTER, FEEDER)
_DEPARTMENTS: Final = ("accueil", "voirie", "proprete", "espaces-verts", "etat-civil", "urbanisme", "scolaire")
_LOOK_EVERY_S: Final = 0.1
_USUALLY_S, _RARELY_S = 60.0, 600.0  # between checkpoints; the former is MongoDB's own
_MIB: Final = 2**20


def onlooker(nth: int) -> str:
    """Return the id of an agent whose list is open."""
    return f"onlooker-{nth}"


@contextmanager
def scale_town(folder: Path, size: Size) -> Iterator[LocalStack]:
    """Start servers and prepare the town, or the one that lies there; its services are held back."""
    town = folder / "town"
    is_new = not town.exists()
    if is_new:
        shutil.copytree(EXAMPLE_TOWN, town, ignore=shutil.ignore_patterns("tests"))
    settings = {"GUICHET_TOWN": str(town)}
    preparation = Preparation(PREPARATION.before, (AGENTS,))  # whose registry the sealer fills
    services = only(*_LATER)
    with LocalStack(
        folder / "guichet", settings=settings, services=services, preparation=preparation, held_back=_LATER
    ) as stack:
        if is_new:
            _add_onlookers(town / "agents.yaml", size.agents)
        with looked_into(stack) as client:
            gib = max(LEAST_CACHE_GIB, CACHE_OF_A_MILLION_GIB * size.cases / 1_000_000)
            client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=f"cache_size={round(gib * 1024)}M")
        yield stack


def _add_onlookers(file: Path, count: int) -> None:
    """Write them into the town's file once accounts are made: none of them has a password (live/sessions.py)."""
    with file.open("a", encoding="utf-8") as agents:
        for nth in range(count):
            department = _DEPARTMENTS[nth % len(_DEPARTMENTS)]
            said = f"agent_id: {onlooker(nth)}, name: Agent {nth}, sign_in: agent.{nth}, departments: [{department}]"
            agents.write(f"  - {{ {said} }}\n")


async def search_files_are_made(stack: LocalStack, sectors: int) -> float:
    """Start search-indexer and wait until it has made a file of each sector; return the most MiB that it took."""
    folder, most = folder_of(stack), 0.0
    stack.supervisor.begin(INDEXER)
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        most = max(most, resident_mib(stack, INDEXER))
        if folder.path.is_dir() and len({name.sector for name in folder.names() if not name.is_part}) == sectors:
            return most


def resident_mib(stack: LocalStack, part: str) -> float:
    """Return what a part's process holds in memory; 0 where it does not run."""
    pids = {state.name: state.pid for state in stack.supervisor.states() if state.runs}
    try:
        return float(psutil.Process(pids[part]).memory_info().rss) / _MIB if part in pids else 0.0
    except psutil.NoSuchProcess:
        return 0.0


def size_mib(path: Path) -> float:
    """Return what a folder's files take."""
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file()) / _MIB


@contextmanager
def rare_checkpoints(client: "MongoClient[dict[str, object]]") -> Iterator[None]:
    """Have MongoDB write checkpoints rarely for the block: each writes pages of indexes anew that the filling changes."""
    client.admin.command("setParameter", 1, syncdelay=_RARELY_S)
    try:
        yield
    finally:
        client.admin.command("setParameter", 1, syncdelay=_USUALLY_S)


def write_checkpoint(client: "MongoClient[dict[str, object]]") -> None:
    """Have MongoDB write what has changed, so that nothing of the filling falls into what is measured."""
    client.admin.command("fsync")
