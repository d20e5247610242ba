"""The process on real Kafka and MongoDB: told that cases are destroyed, it removes what was left of one that is."""

import asyncio
from datetime import UTC, datetime

import pytest

from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import connect
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings, read_settings
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.objects import ObstoreObjects
from guichet.vault.mongo_vault import open_vault
from guichet_testing.builders.shared_phone import SharedPhone
from guichet_testing.forks.popen import fork

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
DESTROYED, LIVING = CaseId("bruno-roads"), CaseId("amina-roads")
BY_CASE = {"messages": "filed", "deliveries": "case_id", "case_history": "case_id", "commands": "case_id"}


async def waiting(offsets: Offsets) -> int:
    """Return how many case events the worker's group has still to commit: other tests may have left it some."""
    lags = await offsets.lags([CASE_EVENTS])
    return sum(lag.records for lag in lags if lag.group == "gdpr-worker")


async def test_what_lived_with_a_destroyed_case_goes_and_a_living_one_keeps_everything(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody also says of a living case that it is destroyed."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    kafka, database = read_settings(KafkaSettings), connect(read_settings(MongoSettings))
    vault = open_vault(read_settings(OpeningSettings), clock=SystemClock().now)
    objects = ObstoreObjects(environment["GUICHET_OBJECTS_URL"])
    await SharedPhone(database, vault, objects).insert()
    at = datetime.now(UTC)
    events = [
        CASE_EVENTS.events.validate_python(Case(CaseRecord.model_validate(case)).destroy(at).outbox[0].event)
        async for case in database["cases"].find({"_id": {"$in": [DESTROYED, LIVING]}})
    ]
    await MongoCaseErasing(database).destroy([DESTROYED], at)

    async def left(case: CaseId) -> dict[str, int]:
        return {name: await database[name].count_documents({path: case}) for name, path in BY_CASE.items()}

    whole = await left(LIVING)
    assert (await left(DESTROYED))["messages"]
    keys = [document["content"]["key_id"] async for document in database["messages"].find({"filed": DESTROYED})]
    async with KafkaPublisher(kafka, client_id="tester") as publisher:
        for event in events:
            await publisher.publish(Publication(CASE_EVENTS, event))
    worker = fork("gdpr_worker", environment=environment)
    try:
        async with asyncio.timeout(60), Offsets(kafka) as offsets:
            while await waiting(offsets):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(30)
    assert set((await left(DESTROYED)).values()) == {0}
    assert await left(LIVING) == whole
    assert await open_vault(read_settings(OpeningSettings), clock=SystemClock().now).open_keys(keys) == {}
    drafted = {f"drafted-{name}" for name in ("amina-roads", "amina-welfare", "amina-judged", "amina-forged")}
    left_files = {"file-amina-roads", "file-amina-roads-again", "file-amina-suspended", "drafted-bruno-perhaps"}
    assert {each async for each in objects.all_keys()} == left_files | drafted
    database.client.close()
