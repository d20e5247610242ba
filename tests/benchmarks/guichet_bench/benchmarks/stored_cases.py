"""The router's rate in a store of a million cases, beside that in a small one."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from pymongo import MongoClient

from guichet.clock import SystemClock
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare
from guichet_bench.benchmark import Benchmark, Workbench, interleaved
from guichet_bench.copies import copy_all
from guichet_bench.router.pace import pace_of
from guichet_bench.router.process import running
from guichet_bench.router.scene import GROUP, Scene
from guichet_bench.router.traffic import Letter
from guichet_bench.rows import Row, at_least

SEEDS: Final = 1_000  # real cases, and the small store
CASES: Final = 1_000_000
MESSAGES: Final = 10_000
MOST_ROUNDS: Final = 4
COLLECTIONS: Final = ("cases", "case_history", "messages", "threads", "identifiers", "citizens")

CACHE_GIB: Final = 8  # what docs/operations.md tells a town with a million cases to give its MongoDB
_LOOK_EVERY_S: Final = 0.2


@dataclass
class Town:
    """A store that routers file into. filed: what the next messages may answer."""

    scene: Scene
    client: MongoClient[dict[str, Any]]
    database: str
    filed: list[Letter] = field(default_factory=list)
    rounds: int = 0

    async def rate(self, count: int = MESSAGES) -> float:
        """Deliver fresh messages, a third of them answers, and return how many a second a router files.

        All that MongoDB had yet to write is written before, and once more when half of the messages are filed.
        """
        letters = self.scene.traffic(f"{self.database} {self.rounds}", count, self.filed)
        await self.scene.deliver(letters)
        await self.checkpoint()
        half_way = asyncio.create_task(self.checkpoint_after(count // 2))
        environment = self.scene.environment | {"GUICHET_MONGODB_DATABASE": self.database}
        async with running("case_router", environment, self.scene.log(self.database)) as process:
            pace = await pace_of(GROUP, self.scene.kafka, {"router": process})
        await half_way
        self.filed, self.rounds = letters, self.rounds + 1
        return pace.per_second

    async def checkpoint_after(self, count: int) -> None:
        """Have MongoDB write what has changed once `count` more messages are there."""
        messages = self.client[self.database]["messages"]
        enough = messages.estimated_document_count() + count
        while await asyncio.to_thread(messages.estimated_document_count) < enough:  # noqa: ASYNC110 (no event for it)
            await asyncio.sleep(_LOOK_EVERY_S)
        await self.checkpoint()

    async def checkpoint(self) -> None:
        """Have MongoDB write what has changed."""
        await asyncio.to_thread(self.client.admin.command, "fsync")

    def read_indexes(self) -> None:
        """Read every index once, as a server that has run for a day has: what is in memory then, stays."""
        for name in COLLECTIONS:
            collection = self.client[self.database][name]
            for index in collection.index_information():
                list(collection.aggregate([{"$count": "entries"}], hint=index))


async def measure_stored_cases(bench: Workbench) -> list[Row]:
    """Fill a second store, then let a router work for each of them in turn."""
    with (
        bench.servers(cache_gib=CACHE_GIB) as servers,
        MongoClient[dict[str, Any]](servers.mongodb_uri) as client,
    ):
        scene = Scene(servers, Path(mkdtemp(dir=bench.folder)))
        await scene.set()
        small, large = Town(scene, client, "guichet"), Town(scene, client, "guichet_large")
        await small.rate(SEEDS)
        await fill(bench, client, scene.mongo, large.database)
        await asyncio.to_thread(large.read_indexes)
        for town in (small, large):
            await town.rate()  # warms up, and files what the next messages answer
        few = Workbench(bench.folder, bench.say, min(bench.rounds, MOST_ROUNDS))
        rates = await interleaved(few, {"few cases": small.rate, "a million cases": large.rate})
        stored = client[large.database]["cases"].estimated_document_count()
    return [
        Row.ratio("router at 1,000,000 cases ÷ at 1,000", rates["a million cases"], rates["few cases"], at_least(0.9)),
        Row("router at 1,000 cases and what the rounds add", tuple(rates["few cases"]), "messages/s"),
        Row("router at 1,000,000 cases", tuple(rates["a million cases"]), "messages/s"),
        Row("cases in the large store", (float(stored),), "cases"),
    ]


async def fill(bench: Workbench, client: MongoClient[dict[str, Any]], mongo: MongoSettings, target: str) -> None:
    """Copy the small store into `target` until it holds a million cases, then make its indexes."""
    source = mongo.mongodb_database
    copies = -(-CASES // client[source]["cases"].estimated_document_count())
    bench.say(f"copying every document {copies:,} times")

    def copy() -> None:
        for done in copy_all(client, source, target, copies):
            bench.say(f"{done} copied")

    await asyncio.to_thread(copy)
    await prepare(connect(mongo.model_copy(update={"mongodb_database": target})), clock=SystemClock().now)
    bench.say("indexes made")


STORED_CASES: Final = Benchmark(
    name="stored-cases",
    title="The router in a full store",
    reading=(
        "One router process works off a backlog as in the first table, for a store of 1,000 cases, and the 10,000 that each turn "
        "adds, and for one of 1,000,000 with all that belongs to them (messages, threads, identifiers, citizens; the vault is the same for both), in turn, on "
        f"one mongod whose cache is {CACHE_GIB} GiB, as docs/operations.md says for so many cases: it holds all indexes, read once "
        "before, and most of what a turn changes waits there for a checkpoint. One whole checkpoint falls into each turn; MongoDB makes one a minute. "
        "With the 0.25 GiB of `make run`, which hold a part of the indexes, it was 0.52 (in shorter turns, without that checkpoint)."
    ),
    run=measure_stored_cases,
)
