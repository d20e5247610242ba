"""A case read without a Scope, with one of one grant and of five, and one that is denied beside one that is absent."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import perf_counter
from typing import Any, Final

from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.ids import AgentId, DepartmentId, ProcedureId, Reference
from guichet.mongo.client import Database, connect
from guichet.rights.scope import Grant, Scope
from guichet.runtime.settings import MongoSettings
from guichet.store.cases.case_filter import CaseFilter
from guichet.store.cases.list_queries import NOT_ERASED
from guichet.store.cases.reader import COLLECTION, MongoCaseReader
from guichet.store.setup.schema import prepare
from guichet.town.load import load_town
from guichet.town.town import Town
from guichet_bench.benchmark import Benchmark, Measure, Workbench, interleaved
from guichet_bench.rows import Row, at_most
from guichet_local.machine.paths import REPOSITORY
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.real.servers import running_mongod

CASES: Final = 20_000
TIMES: Final = 200  # a value is the median of so many
HERE: Final = DepartmentId("voirie")
LEA: Final = AgentId("lea")
_AT_ONCE: Final = 2_000


async def measure_scopes(bench: Workbench) -> list[Row]:
    """Fill a store, then read in turn."""
    town = load_town(REPOSITORY / "deploy" / "local" / "town")
    with running_mongod(Path(mkdtemp(dir=bench.folder))) as server:
        database = connect(MongoSettings(mongodb_uri=server.uri, mongodb_database="guichet"))
        await prepare(database, clock=SystemClock().now)
        await _fill(database, town)
        measures = {**_of_a_case(database, town), **_of_a_list(database, town)}
        for measure in measures.values():
            await measure()  # warms up
        values = await interleaved(bench, measures)
        database.client.close()
    return [
        Row.ratio("a case, one grant ÷ no Scope", values["one grant"], values["no scope"], at_most(1.2)),
        Row.ratio("a case, five grants ÷ no Scope", values["five grants"], values["no scope"], at_most(1.5)),
        Row.ratio("a case denied ÷ one that is absent", values["denied"], values["absent"], at_most(1.1)),
        Row.ratio("a list, one grant ÷ no Scope", values["list, one grant"], values["list"], at_most(1.2)),
        Row.ratio("a list, five grants ÷ no Scope", values["list, five grants"], values["list"], at_most(1.5)),
        *(Row(name, tuple(values[name]), "ms") for name in measures),
    ]


async def _fill(database: Database, town: Town) -> None:
    departments = cycle(town.departments)
    cases = (_case(number, next(departments), town) for number in range(CASES))
    while some := list(islice(cases, _AT_ONCE)):
        await database[COLLECTION].insert_many([case.model_dump(by_alias=True) for case in some])


def _case(number: int, department: DepartmentId, town: Town) -> CaseRecord:
    return a_case(
        f"case {number}",
        department=department,
        sector=town.sector_of(department),
        reference=_reference(number),
        received_at=ARRIVED + timedelta(minutes=number),
        procedure=f"{department}-{number % 3}",
        entered_by=LEA if number % 17 == 0 else None,
        follow=f"follow {number}",
    )


def _reference(number: int) -> Reference:
    return Reference(f"2026-{number // 1000:04}-{number % 1000:03}")


def _of_a_case(database: Database, town: Town) -> dict[str, Measure]:
    """One of a department that the agent sees whole; denied: of another."""
    reader, collection = MongoCaseReader(database), database[COLLECTION]
    one, five = _scopes(town)
    names = [*town.departments]
    mine, others = _reference(names.index(HERE)), _reference(names.index(DepartmentId("ccas")))

    async def bare() -> None:
        found = await collection.find_one({"reference": mine, **NOT_ERASED})
        assert CaseRecord.model_validate(found)

    async def find(scope: Scope, reference: Reference, *, there: bool) -> None:
        assert (await reader.find_by_reference(scope, reference) is not None) is there

    return {
        "no scope": _timed(bare),
        "one grant": _timed(lambda: find(one, mine, there=True)),
        "five grants": _timed(lambda: find(five, mine, there=True)),
        "denied": _timed(lambda: find(five, others, there=False)),
        "absent": _timed(lambda: find(five, _reference(CASES), there=False)),
    }


def _of_a_list(database: Database, town: Town) -> dict[str, Measure]:
    """The first page of what waits."""
    reader, collection = MongoCaseReader(database), database[COLLECTION]
    one, five = _scopes(town)
    wanted = CaseFilter(limit=41)
    query = {"department": HERE, "state": {"$in": [state.value for state in wanted.states]}, **NOT_ERASED}

    async def bare() -> None:
        found = collection.find(query).sort([("received_at", -1), ("_id", -1)]).limit(wanted.limit)
        assert len([CaseRecord.model_validate(each) async for each in found]) == wanted.limit

    async def listed(scope: Scope) -> None:
        assert len(await reader.list_cases(scope, wanted)) == wanted.limit

    return {
        "list": _timed(bare),
        "list, one grant": _timed(lambda: listed(one)),
        "list, five grants": _timed(lambda: listed(five)),
    }


def _scopes(town: Town) -> tuple[Scope, Scope]:
    """One department; the same, two procedures elsewhere, what they took down, and a department in synthesis."""
    known = [name for name, each in town.departments.items() if not town.sectors[each.sector].sensitive]
    sectors = frozenset(town.departments[name].sector for name in known)
    own = Grant(frozenset({HERE}), sectors)
    five = (
        own,
        *(
            replace(own, departments=frozenset({name}), procedures=frozenset({ProcedureId(f"{name}-1")}))
            for name in known[2:4]
        ),
        replace(own, departments=frozenset(known), entered_by=frozenset({LEA})),
        replace(own, departments=frozenset({known[-1]}), detail="synthesis"),
    )
    return Scope(LEA, (own,)), Scope(LEA, five)


def _timed(act: Callable[[], Awaitable[Any]]) -> Measure:
    """Return what measures how long an act takes, in ms."""

    async def measure() -> float:
        took = []
        for _ in range(TIMES):
            began = perf_counter()
            await act()
            took.append(perf_counter() - began)
        return median(took) * 1000

    return measure


SCOPES: Final = Benchmark(
    name="scopes",
    title="What a Scope costs a reading",
    reading=(
        f"The desk's own reader on a store of {CASES:,} cases in all departments of the example town, beside the same "
        "query by reference, or of a department, without rights. Five grants: a department whole, a procedure in each of "
        "two others, what the agent took down anywhere, one more department in synthesis. Denied: a case of a sensitive "
        "sector; absent: a reference that nobody has. Both take the same query, so what differs is one document that is "
        "fetched and not given."
    ),
    run=measure_scopes,
)
