"""A case where ten thousand things happened beside one where ten did: a message that joins it, a page of its story."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any, Final

import structlog

from agent_desk.domain.cases.story import MOMENTS
from agent_desk.handlers.cases.read_story import StoryPages
from case_router.app import build_router, mongo_stores
from case_router.domain.keys import RouterKeys
from case_router.handlers.file_batch import CaseRouter
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.contracts.base import Event
from guichet.ids import AgentId, CaseId, MessageId, derive_id
from guichet.kafka.records import Received
from guichet.mongo.client import Database, connect
from guichet.rights.scope import Scope
from guichet.runtime.settings import MongoSettings
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.cases.reader import MongoCaseReader
from guichet.store.messages.store import MongoMessageStore
from guichet.store.setup.schema import prepare
from guichet.town.load import load_town
from guichet_bench.benchmark import Benchmark, Measure, Workbench, interleaved
from guichet_bench.rows import Row, at_most
from guichet_local.machine.paths import REPOSITORY
from guichet_testing.builders.inbound import TOWN_NUMBER, sealed_message, sms_content
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.vault import InMemoryVault

SHORT, FULL, LONG = 10, 2 * MOMENTS, 10_000
"""Entries: few; enough for a whole page of the story; very many."""

TIMES: Final = 100  # a value is the median of so many
_NUMBERS: Final = {SHORT: "+33639980110", FULL: "+33639980111", LONG: "+33639980112"}
_KINDS: Final = ("MessageFiled", "DeliveryRecorded", "CaseMoved")


@dataclass
class RouterAndReader:
    """A router and a desk's reader over one MongoDB; broker and vault are in memory, and cost the same for every case."""

    database: Database
    router: CaseRouter
    vault: InMemoryVault
    numbers: Iterator[int]

    async def receive(self, number: str) -> MessageId:
        """Let the router file an SMS."""
        content = sms_content(number, "Encore moi")
        said = {"channel": "sms", "accounts": (TOWN_NUMBER,)}
        event = await sealed_message(self.vault, f"sms {next(self.numbers)}", content, datetime.now(UTC), **said)
        await self.router.handle([_received(event)])
        return event.message_id

    async def case_of(self, number: str, entries: int) -> CaseRecord:
        """Open a case and give it a past of so many entries, and their messages."""
        message = await self.database["messages"].find_one({"_id": await self.receive(number)})
        assert message is not None
        case = CaseId(message["filed"])
        past = [_entry(case, version) for version in range(2, entries)]
        await MongoCaseHistory(self.database).add(past)
        filed = [{**message, "_id": each.message_id, "at": each.at} for each in past if each.type == "MessageFiled"]
        if filed:
            await self.database["messages"].insert_many(filed)
        await self.database["cases"].update_one({"_id": case}, {"$set": {"version": entries}})
        return CaseRecord.model_validate(await self.database["cases"].find_one({"_id": case}))

    def writing(self, number: str) -> Measure:
        """Return what measures how long a further message takes, in ms."""
        return _timed(lambda: self.receive(number))

    def reading(self, case: CaseRecord) -> Measure:
        """Return what measures how long a case takes, in ms: what stands in its document, as routers and lists read it."""
        return _timed(lambda: self._find(case))

    def paging(self, case: CaseRecord) -> Measure:
        """Return what measures how long a case and the newest page of its story take, in ms."""
        story = StoryPages(MongoMessageStore(self.database), MongoCaseHistory(self.database))

        async def read() -> None:
            await story.read(await self._find(case), None)

        return _timed(read)

    async def _find(self, case: CaseRecord) -> CaseRecord:
        scope = Scope.of_departments(AgentId("lea"), {case.department}, {case.sector})
        found = await MongoCaseReader(self.database).find_by_reference(scope, case.reference)
        assert found is not None
        return found


async def measure_long_cases(bench: Workbench) -> list[Row]:
    """Make three cases, then write to and read each in turn."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))  # a line a message
    with bench.servers() as servers:
        database = connect(MongoSettings(mongodb_uri=servers.mongodb_uri, mongodb_database="guichet"))
        await prepare(database, clock=SystemClock().now)
        under_test = _router_and_reader(database)
        cases = {entries: await under_test.case_of(number, entries) for entries, number in _NUMBERS.items()}
        measures = {f"write {entries}": under_test.writing(_NUMBERS[entries]) for entries in (SHORT, LONG)}
        measures |= {f"read {entries}": under_test.reading(cases[entries]) for entries in (SHORT, LONG)}
        measures |= {f"page {entries}": under_test.paging(cases[entries]) for entries in (FULL, LONG)}
        for measure in measures.values():
            await measure()  # warms up
        values = await interleaved(bench, measures)
        database.client.close()
    return [
        Row.ratio(
            f"written at {LONG:,} entries ÷ at {SHORT}", values[f"write {LONG}"], values[f"write {SHORT}"], at_most(1.2)
        ),
        Row.ratio(
            f"read at {LONG:,} entries ÷ at {SHORT}", values[f"read {LONG}"], values[f"read {SHORT}"], at_most(1.2)
        ),
        Row.ratio(
            f"a page of its story at {LONG:,} entries ÷ at {FULL}",
            values[f"page {LONG}"],
            values[f"page {FULL}"],
            at_most(1.2),
        ),
        Row(f"written at {LONG:,} entries", tuple(values[f"write {LONG}"]), "ms"),
        Row(f"read at {LONG:,} entries", tuple(values[f"read {LONG}"]), "ms"),
        Row(f"a page of its story at {LONG:,} entries", tuple(values[f"page {LONG}"]), "ms"),
    ]


def _router_and_reader(database: Database) -> RouterAndReader:
    keys = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
    vault, town = InMemoryVault(), load_town(REPOSITORY / "deploy" / "local" / "town")
    router = build_router(mongo_stores(database, keys), vault, InMemoryPublisher(), town, keys, clock=SystemClock().now)
    return RouterAndReader(database, router, vault, count())


def _entry(case: CaseId, version: int) -> HistoryEntry:
    return HistoryEntry(
        case_id=case,
        version=version,
        type=_KINDS[version % len(_KINDS)],
        at=datetime.now(UTC) - timedelta(hours=LONG - version),
        cause=derive_id("past cause", case, str(version)),
        message_id=MessageId(derive_id("past message", case, str(version))),
        state="sent",
    )


def _timed(do: Callable[[], Awaitable[Any]]) -> Measure:
    async def measure() -> float:
        took = []
        for _ in range(TIMES):
            begun = perf_counter()
            await do()
            took.append((perf_counter() - begun) * 1000)
        return median(took)

    return measure


def _received(event: Event) -> Received[Any]:
    return Received(event, "inbound-sms", 0, 0)


LONG_CASES: Final = Benchmark(
    name="long-cases",
    title="A case where very much happened",
    reading=(
        f"A router files one SMS after the other into a case whose history has {LONG:,} entries, and into one that had {SHORT} at first; a case is read by its "
        f"reference; a desk reads it with the newest page of its story, {MOMENTS} moments, of {LONG:,} entries and of {FULL}, which fill a page too. MongoDB is real; broker and vault are in memory. "
        "When the history lay in the case, reading one of 10,000 entries took 34 ms, at the desk and for each message that joined it."
    ),
    run=measure_long_cases,
)
