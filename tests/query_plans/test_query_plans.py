"""Every query that the code can send, tried on a database of many documents: none walks, sorts or grows with it.

What is sent is written down while the tests of the store run; a query that none of them sends is a failure too. So a
new query is judged here as soon as it has a test of its own.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import bson
import pytest
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.synchronous.database import Database

from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, CaseId, DepartmentId, ProcedureId, SectorId
from guichet.mongo.client import connect, connect_vault
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.rights.scope import Grant, Scope
from guichet.runtime.settings import MongoSettings, VaultSettings
from guichet.store.cases.case_filter import CaseFilter, DueList, ListCursor, Order, midnight
from guichet.store.cases.due_queries import direction_of_days, due_questions, field_of, index_of
from guichet.store.cases.list_indexes import ASSIGNED_TO, SNOOZED, TAKEN_UP_BY, TO_CALL, UNSENT
from guichet.store.cases.list_queries import (
    active_by_grant,
    direction_of,
    moment_of,
    order_of,
    scanned_by_grant,
    seen_by,
)
from guichet.store.setup.schema import STORE_FILES, prepare, whole_data_map
from guichet.vault.schema import VAULT_FILES, prepare_vault
from guichet_testing.builders.case import ARRIVED
from guichet_testing.real.memory import in_memory
from guichet_testing.real.servers import running_mongod
from tests.query_plans.explain import asked_for, explain
from tests.query_plans.large_database import fill
from tests.query_plans.places import Place, places_in_the_code
from tests.query_plans.recorder import RECORD

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

ROOT: Final = Path(__file__).parents[2]
SIZE: Final = 10_000  # documents of a collection
LARGE: Final = "large"

# The tests that send every query of the store.
SUITES: Final = (
    "shared/tests/mongo",
    "shared/tests/store",
    "shared/tests/vault",
    "shared/tests/data_subject/test_erase.py",
)
THEIR_NAMES: Final = "Mongo or after_her_erasure or refused_erasure_set_aside"
NOT_FOR_THEIR_QUERIES: Final = tuple(  # they send what others send, and need a server of their own, or all indexes
    f"shared/tests/{name}.py"
    for name in (
        *("mongo/test_failover", "mongo/test_outages", "mongo/test_not_allowed"),
        *("vault/rotation/test_rotate", "vault/rotation/test_rotate_in_any_order"),
        *("store/test_objects", "store/setup/test_users", "store/setup/test_roles", "store/setup/test_schema"),
    )
)

# Collections that are as large as the town's staff, its keys of keys or its years: all of one may be read.
OF_BOUNDED_SIZE: Final[Mapping[str, str]] = {
    "agents": "as many as the town has agents",
    "agent_rights": "as many as its agents had rights",
    "preferences": "as many as the town has agents",
    "absences": "as many as the town's agents have stated that are not over",
    "on_call": "as many as times on call were stated that are not over",
    "department_days": "one a department and day, for 400 days",
    "staff": "as many as the town has agents, profiles, units and mappings",
    "migrations": "as many as Guichet has had",
    "bucket_keys": "1,024 buckets, two generations at most",
    "opening_keys": "one a generation; rotations take them away",
    "sealing_keys": "one a generation; rotations take them away",
    "turns": "one a night",
    "copies": "one",
    "former_search_keys": "one a sector and night, and gdpr-worker looks every ten seconds",
}
# Files of the store whose work it is to walk over all there is, by day or never while the town works.
WALKS_ON_PURPOSE: Final[Mapping[str, str]] = {
    "mongo/dump.py": "a backup is of everything",
    "mongo/snapshot.py": "an export of a town is of everything",
    "store/setup/arrival.py": "an import asks of each collection whether it holds anything",
    "vault/erasure_ledger/earlier.py": "the way back to an earlier version, once, over the whole ledger",
    "store/setup/restore.py": "a restore empties what it fills",
    "vault/restore.py": "a restore empties what it fills",
    "vault/rotation/rotate.py": "a rotation wraps every key of a bucket, by ranges of _id",
    "vault/backup.py": "the vault's backup, after a rotation",
    "vault/rotation/documents.py": "a rotation wraps every key of a bucket, by ranges of _id",
    "vault/rotation/records.py": "one record a night",
    "store/setup/migration_records.py": "one record a migration",
}
# Single queries that may: (method, collection, words of the command) → why.
EXEMPT: Final[Mapping[tuple[str, str, str], str]] = {
    (
        "MongoCitizenReader.who_exists",
        "citizens",
        "since",
    ): "the registry's index in memory, once at the start of the desk",
    ("MongoCitizenReader.entered_last", "citizens", "$natural"): "the last ones as they lie, a few hundred at most",
    (
        "MongoCitizenStore.known_as",
        "citizens",
        "formerly",
    ): "whose a case stays, where nothing else tells (docs/decisions/0027)",
    ("MongoErasureLedger.all", "erasures", "{}"): "after a restore every erasure is applied again",
    ("MongoFollowViews.end", "follow_views", "expires_at"): "a round: whatever is over since the last one",
    (
        "MongoDocumentFinder.find",
        "messages",
        "'filed': {'$in': [None]}",
    ): "what is not filed yet, and bare ids of the erased",
}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the store's tests send, and what lies in their collections."""
    folder = tmp_path_factory.mktemp("query-plans")
    file = folder / "record.bson"
    command = [
        *(sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "tests.query_plans.recorder"),
        *("--basetemp", str(folder / "tests"), "-k", THEIR_NAMES, *SUITES),
        *(word for each in NOT_FOR_THEIR_QUERIES for word in ("--deselect", each)),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, RECORD: str(file)}, capture_output=True, text=True, check=False
    )
    # A few of them look at indexes, which are not there: whether they pass is seen elsewhere.
    assert done.returncode in {0, 1}, done.stdout[-3000:]
    return bson.decode(file.read_bytes(), CodecOptions(tz_aware=True))


@pytest.fixture(scope="module")
def large(record: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database[Any]]:
    """A database of many documents, filled and only then prepared: as an existing one gets the indexes it lacks."""
    with in_memory(otherwise=tmp_path_factory.mktemp("mongod")) as folder, running_mongod(folder) as server:
        with MongoClient(server.uri, tz_aware=True) as client:
            for name in known_collections() & record["samples"].keys():
                fill(client[LARGE], name, record["samples"][name], 50 if name in OF_BOUNDED_SIZE else SIZE)
            asyncio.run(prepare_all(server.uri))
            yield client[LARGE]
        server.kill()  # its data is nobody's; a client that is still open would wait for it for half a minute


async def prepare_all(uri: str) -> None:
    store = connect(MongoSettings(mongodb_uri=uri, mongodb_database=LARGE))
    vault = connect_vault(VaultSettings(mongodb_uri=uri, vault_database=LARGE))
    await prepare(store, clock=SystemClock().now)
    await prepare_vault(vault)
    store.client.close()
    vault.client.close()


def known_collections() -> set[str]:
    return {name for file in (*STORE_FILES, *VAULT_FILES) for name in file.INDEXES}


def test_every_query_of_the_store_is_sent_by_a_test(record: dict[str, Any]) -> None:
    sent = {tuple(place[:3]) for place in record["places"]}
    unsent = [place.described for place in places_in_the_code() if place[:3] not in sent and not walks(place)]
    assert unsent == [], "no test sends these queries, so nobody knows how they are done"


def walks(place: Place) -> bool:
    return place.file in WALKS_ON_PURPOSE


def test_no_query_walks_sorts_in_memory_or_grows_with_what_is_stored(
    record: dict[str, Any], large: Database[Any]
) -> None:
    empty = [name for name in known_collections() if not large[name].estimated_document_count()]
    assert [name for name in empty if name in {sent["collection"] for sent in record["commands"]}] == []
    found: dict[str, str] = {}
    let_off: set[tuple[str, str, str]] = set()
    for place, collection, command in queries(record):
        if exemptions := exempt(place, collection, command):
            let_off |= exemptions
            continue
        for fault in explain(large, command).faults(asked_for(command)):
            found.setdefault(f"{place}, {collection}: {fault}", str(command)[:300])
    assert not found, "\n".join(f"{told}\n    {command}" for told, command in sorted(found.items()))
    assert let_off == EXEMPT.keys(), "an exemption of what nobody sends any more"


def exempt(place: str, collection: str, command: dict[str, Any]) -> set[tuple[str, str, str]]:
    here = place.rsplit(" ", maxsplit=1)[-1], collection
    return {each for each in EXEMPT if each[:2] == here and each[2] in str(command)}


def queries(record: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return who sends it, to which collection, and what: written down, or made here from what the code declares."""
    for sent in record["commands"]:
        if matches_nothing(sent["command"]):
            continue
        if of_an_unprepared_store(sent["place"], sent["command"]):
            continue
        of_this_kind = sent["collection"] in known_collections() and sent["collection"] not in OF_BOUNDED_SIZE
        if of_this_kind and sent["place"].split(":")[0] not in WALKS_ON_PURPOSE:
            yield sent["place"], sent["collection"], sent["command"]
    for entry in whole_data_map():
        if entry.place == "collection" and entry.name in known_collections():
            for path in bonds_of(entry):
                yield "data map erasure", entry.name, {"find": entry.name, "filter": {path: {"$in": ["a", "b"]}}}
    yield from (each for each in lists_of_scopes() if not matches_nothing(each[2]))


def matches_nothing(command: Mapping[str, Any]) -> bool:
    """Say whether a query is about none of anything: no plan for it tells of what is stored."""
    return "'$in': []" in str(command)


def of_an_unprepared_store(place: str, command: Mapping[str, Any]) -> bool:
    """Say whether a list is asked for without the name of its index: where `guichet prepare` has not made that yet."""
    by_name = {f"MongoCaseReader.{name}" for name in ("_active", "_next", "scan", "count_due")}
    return place.rsplit(" ", maxsplit=1)[-1] in by_name and "hint" not in command


def bonds_of(entry: DataMapEntry) -> Iterator[str]:
    """The ways by which an erasure finds a collection's documents (guichet.data_subject.bonds), and a file its own."""
    yield from (belonging.path for belonging in entry.belongs)
    yield from entry.files


ASKED: Final = (
    *({}, {"received_at": {"$lte": ARRIVED}}, {TAKEN_UP_BY: "lea"}),
    *({ASSIGNED_TO: "lea"}, SNOOZED, UNSENT, TO_CALL),
)
ACTIVE: Final = tuple(
    CaseFilter(order=Order.ACTIVITY, **asked)
    for asked in (
        *({}, {"taken_up_by": "lea"}, {"assigned_to": ("lea",)}),
        *({"unassigned": True}, {"snoozed": True}, {"to_answer": True}),
        *({"unsent": True}, {"to_call": True}, {"procedures": ("signalement-voirie",)}),
    )
)
SCANNED: Final = tuple(
    CaseFilter(order=order, channel="sms", after=ListCursor(at=ARRIVED, case=CaseId("c")), **asked)
    for order in (Order.NEWEST, Order.ACTIVITY)
    for asked in (
        *({}, {"taken_up_by": "lea"}, {"assigned_to": ("lea",)}),
        *({"unassigned": True}, {"snoozed": True}, {"to_answer": True}),
        *({"unsent": True}, {"to_call": True}, {"department": "voirie"}),
        {"received_from": ARRIVED - timedelta(days=2), "received_before": ARRIVED + timedelta(days=2)},
    )
)


DUE: Final = tuple(
    CaseFilter(due=due, today=ARRIVED.date(), after=after)
    for due in DueList
    for after in (None, ListCursor(at=midnight(ARRIVED.date()), case=CaseId("c")))
)


def lists_of_scopes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a desk sends for agents who see much, or little, in one way and in several."""
    for scope in (Scope(AgentId("lea"), grants) for grants in SCOPES.values()):
        for states in (["received", "in_progress", "waiting_for_citizen"], [CaseState.CLOSED.value]):
            for asked, direction in product(ASKED, (1, -1)):
                yield a_list(seen_by(scope, {"state": {"$in": states}, **asked}), "received_at", direction)
        for wanted in ACTIVE:
            for query, index in active_by_grant(scope, wanted):
                yield a_list(query, "updated_at", -1, hint=index)
        for wanted in DUE:
            for query in due_questions(wanted):
                place, collection, command = a_list(query, "", 1, hint=index_of(wanted))
                sort = {field_of(wanted): direction_of_days(wanted), "_id": direction_of_days(wanted)}
                yield place, collection, {**command, "sort": sort}
        for wanted in SCANNED:
            for query, index in scanned_by_grant(scope, wanted):
                place, collection, command = a_list(query, moment_of(wanted), direction_of(wanted), hint=index)
                yield place, collection, {**command, "sort": dict(order_of(query, wanted))}


def a_list(query: Mapping[str, Any], by: str, direction: int, **hint: str) -> tuple[str, str, dict[str, Any]]:
    command = {"find": "cases", "filter": query, "sort": {by: direction, "_id": direction}, "limit": 41, **hint}
    return "store/cases/reader.py MongoCaseReader.list_cases", "cases", command


def a_grant(departments: Iterable[str], **limits: Any) -> Grant:
    """Return a grant of departments in three sectors."""
    sectors = map(SectorId, ("cadre-de-vie", "social", "ecoles"))
    return Grant(frozenset(map(DepartmentId, departments)), frozenset(sectors), **limits)


# MongoDB merges as many ordered lists, and goes on to sort past two hundred.
SIXTY: Final = ("voirie", *(f"department-{number}" for number in range(59)))
PROCEDURES: Final = frozenset(ProcedureId(f"procedure-{number}") for number in range(12))
MEMBERS: Final = frozenset(AgentId(f"member-{number}") for number in range(20))
SCOPES: Final[Mapping[str, tuple[Grant, ...]]] = {
    "sixty departments": (a_grant(SIXTY),),
    "a procedure": (a_grant(("voirie",), procedures=frozenset({ProcedureId("nid-de-poule")})),),
    "twelve procedures": (a_grant(SIXTY, procedures=PROCEDURES),),
    "what they took down": (a_grant(SIXTY, entered_by=frozenset({AgentId("lea")})),),
    "what twenty members took down": (a_grant(SIXTY, entered_by=MEMBERS),),
    "a member": (
        a_grant(("voirie", "proprete")),
        a_grant(SIXTY, entered_by=frozenset({AgentId("lea")})),
    ),
    "their own, and all": (a_grant(("voirie",)), a_grant(SIXTY)),
    "five": (
        a_grant(("voirie",)),
        a_grant(("proprete",), procedures=PROCEDURES),
        a_grant(SIXTY, procedures=frozenset({ProcedureId("nid-de-poule")})),
        a_grant(SIXTY, entered_by=MEMBERS),
        a_grant(("ccas",), entered_by=frozenset({AgentId("lea")})),
    ),
}


def test_each_kind_of_grant_is_answered_from_an_index_of_its_own(large: Database[Any]) -> None:
    used = {
        "sixty departments": {"queue_of_departments"},
        "a procedure": {"queue_of_procedure"},
        "twelve procedures": {"queue_of_procedure"},
        "what they took down": {"queue_of_entry"},
        "what twenty members took down": {"queue_of_entry"},
        "a member": {"queue_of_departments", "queue_of_entry"},
        "their own, and all": {"queue_of_departments"},
        "five": {"queue_of_departments", "queue_of_procedure", "queue_of_entry"},
    }
    large["cases"].insert_many(of_grants())
    for name, grants in SCOPES.items():
        query = seen_by(Scope(AgentId("lea"), grants), {"state": {"$in": ["received", "in_progress"]}})
        listing = {"find": "cases", "filter": query, "sort": {"received_at": -1, "_id": -1}, "limit": 41}
        # For a few departments the one is as good as the other.
        indexes = {
            "queue_of_departments" if index == "in_queue" else index for index in explain(large, listing).indexes
        }
        assert indexes == used[name], name


def of_grants() -> Iterator[dict[str, Any]]:
    """Yield cases that some grant is about: without any, each index is as good as another."""
    for number in range(2_000):
        yield {
            "_id": f"granted-{number}",
            "reference": f"granted-{number}",
            "state": "received",
            "sector": "cadre-de-vie",
            "department": SIXTY[number % 60],
            "procedure": f"procedure-{number % 12}" if number % 2 else "nid-de-poule",
            "entered_by": f"member-{number % 20}" if number % 3 else "lea",
            "received_at": ARRIVED + timedelta(minutes=number),
            "follow": f"granted-{number}",
        }
