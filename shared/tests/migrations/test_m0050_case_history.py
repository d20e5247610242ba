"""The history that lay in cases lies beside them afterwards, whatever was killed, and each case keeps what it needs."""

import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.migrations.context import MigrationContext, Steps
from guichet.migrations.m0050_case_history import run
from guichet.mongo.client import Database
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.setup.migration_records import MigrationRecords
from guichet_testing.builders.case import ARRIVED, a_case

pytestmark = pytest.mark.real

HISTORIES: dict[str, list[tuple[str, str | None, str | None]]] = {
    "new": [("CaseOpened", None, None)],
    "news": [("CaseOpened", None, None), ("MessageFiled", None, None), ("DeliveryRecorded", None, "sent")],
    "answered": [("CaseOpened", None, None), ("MessageFiled", None, None), ("ReplyRequested", "lea", None)],
    "refused": [("CaseOpened", None, None), ("MessageFiled", None, None), ("CommandRefused", "lea", "x")],
    "in two hands": [("CaseOpened", None, None), ("CaseClosed", "lea", "closed"), ("CaseMoved", "karim", None)],
    "lifted": [("CaseOpened", None, None), ("AbuseDeclared", "lea", "number"), ("AbuseLifted", "lea", None)],
    "lifted elsewhere": [("AbuseDeclared", "lea", "number"), ("CommandRefused", "lea", "not-declared")],
    "declared": [("AbuseLifted", "lea", None), ("AbuseDeclared", "lea", "number"), ("CommandRefused", "lea", "x")],
    "before histories": [],
}
KEPT: dict[str, dict[str, Any]] = {
    "new": {"spoken": 1, "page": 1, "by": set(), "news": False, "lifted": False},
    "news": {"spoken": 2, "page": 1, "by": set(), "news": True, "lifted": False},
    "answered": {"spoken": 3, "page": 3, "by": {"lea"}, "news": False, "lifted": False},
    "refused": {"spoken": 2, "page": 1, "by": {"lea"}, "news": True, "lifted": False},
    "in two hands": {"spoken": 1, "page": 3, "by": {"lea", "karim"}, "news": False, "lifted": False},
    "lifted": {"spoken": 1, "page": 1, "by": {"lea"}, "news": False, "lifted": True},
    "lifted elsewhere": {"spoken": 0, "page": 0, "by": {"lea"}, "news": False, "lifted": True},
    "declared": {"spoken": 0, "page": 0, "by": {"lea"}, "news": False, "lifted": False},
    "before histories": {"spoken": 0, "page": 0, "by": set(), "news": False, "lifted": False},
}


def old_history(name: str) -> list[dict[str, Any]]:
    """The history of a case as it lay in it."""
    return [
        {"version": nth, "type": kind, "at": ARRIVED + timedelta(hours=nth), "cause": f"{name}-{nth}", "by": by}
        | {"message_id": None, "state": state}
        for nth, (kind, by, state) in enumerate(HISTORIES[name], 1)
    ]


@pytest.fixture
async def database(prepared_database: Database) -> Database:
    database = prepared_database
    for name, history in HISTORIES.items():
        case = a_case(name, version=len(history)).model_dump(by_alias=True)
        await database["cases"].insert_one({**case, "history": old_history(name)})
    await database["cases"].insert_one({"_id": "tombstone", "version": 9, "destroyed_at": ARRIVED, "erasing": True})
    return database


async def migrate(database: Database, *, killed: bool = False) -> None:
    records = MigrationRecords(database)
    async with records.lease() as lease:
        record = await records.begin(50, "case-history", ARRIVED)
        steps = Steps(record, records, lease, lambda _: None)
        if killed:
            steps.keep = _killed  # type: ignore[method-assign]
        await run(cast(MigrationContext, SimpleNamespace(database=database)), steps)


async def _killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


async def check(database: Database) -> None:
    """Assert that everything is where it belongs, and nothing twice."""
    assert await database["cases"].count_documents({"history": {"$exists": True}}) == 0
    assert await database["case_history"].count_documents({}) == sum(map(len, HISTORIES.values()))
    for name, kept in KEPT.items():
        case = a_case(name)
        found = await MongoCaseHistory(database).of_causes([case.case_id], [f"{name}-{nth}" for nth in range(9)])
        assert sorted(found, key=lambda each: each.version) == [
            HistoryEntry.model_validate({**each, "case_id": case.case_id}) for each in old_history(name)
        ]
        now = CaseRecord.model_validate(await database["cases"].find_one({"_id": case.case_id}))
        assert now.last_spoken_at == ARRIVED + timedelta(hours=kept["spoken"]), name
        assert (now.page_version, now.has_news, now.abuse_lifted) == (kept["page"], kept["news"], kept["lifted"]), name
        assert set(now.taken_up_by) == kept["by"], name
    assert await database["cases"].find_one({"_id": "tombstone"}) == {
        **{"_id": "tombstone", "version": 9, "destroyed_at": ARRIVED, "erasing": True}
    }


async def test_every_history_moves_and_each_case_keeps_what_is_asked_of_it(database: Database):
    await migrate(database)
    await check(database)


async def test_a_kill_before_the_place_was_noted_loses_and_doubles_nothing(database: Database):
    with pytest.raises(KeyboardInterrupt):
        await migrate(database, killed=True)
    await migrate(database)
    await check(database)


async def test_a_kill_between_copy_and_case_loses_and_doubles_nothing(database: Database):
    copied = [
        {**each, "_id": f"{a_case(name).case_id}.{each['version']}", "case_id": a_case(name).case_id}
        for name in HISTORIES
        for each in old_history(name)
    ]
    await database["case_history"].insert_many(random.Random(1).sample(copied, 5))
    await migrate(database)
    await check(database)


async def test_a_history_of_many_megabytes_moves_without_being_read_here(database: Database):
    size = 30_000
    huge = a_case("huge", version=size)
    entries = [
        {"version": nth, "type": "MessageFiled", "at": ARRIVED, "cause": f"{nth:032}", "message_id": f"{nth:032}"}
        for nth in range(1, size + 1)
    ]
    await database["cases"].insert_one({**huge.model_dump(by_alias=True), "history": entries})
    await migrate(database)
    assert await database["case_history"].count_documents({"case_id": huge.case_id}) == size
    [left] = (
        await database["cases"]
        .aggregate([{"$match": {"_id": huge.case_id}}, {"$project": {"size": {"$bsonSize": "$$ROOT"}}}])
        .to_list(1)
    )
    assert left["size"] < 4096
