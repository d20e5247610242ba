"""Of open cases of before the router is to reckon the clocks; nothing else is touched, however often it is done."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from guichet.case.record import CaseDue, CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import LONG_AGO
from guichet.law.calendar import paris_date
from guichet.migrations.context import MigrationContext, Steps
from guichet.migrations.m0060_clocks_of_the_law import run
from guichet.mongo.client import Database
from guichet.store.cases.store import MongoCaseStore
from guichet.store.setup.migration_records import MigrationRecords
from guichet_testing.builders.case import ARRIVED, a_case

pytestmark = pytest.mark.real


def before(name: str, **fields: Any) -> dict[str, Any]:
    """A case as a router wrote it that knew of no clocks."""
    document = a_case(name, **fields).model_dump(by_alias=True)
    del document["due"], document["facts"]
    return document


async def test_open_cases_of_before_are_looked_at_once(prepared_database: Database) -> None:
    cases = prepared_database["cases"]
    counted = a_case("counted", due=CaseDue(clock="are")).model_dump(by_alias=True)
    await cases.insert_many([before("open"), before("closed", state=CaseState.CLOSED), counted])
    await cases.insert_one({"_id": "tombstone", "version": 9, "destroyed_at": ARRIVED, "erasing": True})
    untouched = [each async for each in cases.find({"_id": {"$ne": a_case("open").case_id}})]
    for _ in range(2):
        records = MigrationRecords(prepared_database)
        async with records.lease() as lease:
            record = await records.begin(60, "clocks-of-the-law", ARRIVED)
            steps = Steps(record, records, lease, lambda _: None)
            await run(cast(MigrationContext, SimpleNamespace(database=prepared_database)), steps)
    assert [each async for each in cases.find({"_id": {"$ne": a_case("open").case_id}})] == untouched
    [found] = await MongoCaseStore(prepared_database).to_reckon(paris_date(ARRIVED), 5)
    assert (found.case_id, found.due) == (a_case("open").case_id, CaseDue(changes_on=LONG_AGO))
    assert CaseRecord.model_validate(await cases.find_one({"_id": a_case("closed").case_id})).due is None
