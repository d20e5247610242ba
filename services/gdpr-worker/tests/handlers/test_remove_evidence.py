"""What was spared as evidence of a threat goes once it is none, whole; until then and of others nothing does."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gdpr_worker.handlers.remove_evidence import FormerEvidence
from guichet.clock import SystemClock
from guichet.contracts.legal_facts import StatedFact
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.law.calendar import paris_date, start_of_day
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.setup.schema import prepare
from guichet.town.policies import THREATS_KEPT
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.shared_phone import (
    AMINA,
    AMINA_BEFORE,
    REGISTRY_KEY,
    ROADS,
    SECTOR_KEY,
    WELFARE,
    SharedPhone,
    in_sector,
)
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

pytestmark = pytest.mark.real

CASE = "amina-roads"
THREAT = StatedFact.model_validate({"event": "qualified", "at": ARRIVED, "nature": "threatening"})
LAST = start_of_day(THREATS_KEPT.after(paris_date(ARRIVED))) + timedelta(hours=12)


class Town:
    """Two people on one phone, of whom one threatened and is erased but for that; and gdpr-worker's round."""

    def __init__(self, database: Database) -> None:
        self.database, self.vault, self.objects = database, InMemoryVault(), InMemoryObjects()
        self.finder = open_finder(database, self.vault, registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)
        self.removal = open_removal(database, self.vault, self.objects, self.finder)
        self.round = FormerEvidence(MongoCaseErasing(database), self.finder, self.removal, THREATS_KEPT)

    async def say(self, *facts: StatedFact) -> None:
        await self.database["cases"].update_one(
            {"_id": CASE}, {"$set": {"facts": [each.model_dump() for each in facts]}}
        )

    async def erase(self) -> None:
        await self.removal.divert(AMINA, AMINA_BEFORE)
        await self.removal.destroy_keys(await self.finder.find(AMINA, AMINA_BEFORE))
        await self.removal.delete(await self.finder.find(AMINA, AMINA_BEFORE), ARRIVED)

    async def everything(self) -> dict[str, Any]:
        names = await self.database.list_collection_names(filter={"type": "collection"})
        return {name: {str(each["_id"]): each async for each in self.database[name].find()} for name in names}


@pytest.fixture
async def town(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[Town]:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    town = Town(database)
    await SharedPhone(database, town.vault, town.objects).insert()
    await town.say(THREAT)
    yield town
    database.client.close()


async def test_its_last_day_over_nothing_of_the_erased_is_left(town: Town) -> None:
    await town.erase()
    before = await town.everything()
    assert await town.round.remove(LAST) == {"cases": 0}
    assert await town.everything() == before
    keys = (await town.finder.of_cases([CASE])).keys
    assert await town.round.remove(LAST + timedelta(days=1)) == {"cases": 1}
    left = await town.everything()
    assert left["cases"][CASE]["state"] == "destroyed"
    assert await town.vault.open_keys(keys) == {}
    told = json.dumps(left, default=str)
    names = [in_sector(person, sector) for person in (AMINA, AMINA_BEFORE) for sector in (ROADS, WELFARE)]
    assert [each for each in (*names, *keys) if each in told] == []
    assert await town.round.remove(LAST + timedelta(days=2)) == {"cases": 0}
    others = {name: case for name, case in before["cases"].items() if name != CASE}
    assert {name: left["cases"][name] for name in others} == others


@pytest.mark.parametrize("how", ["withdrawn", "said to be a complaint"])
async def test_it_goes_once_nobody_says_any_more_that_it_is_a_threat(town: Town, how: str) -> None:
    await town.erase()
    later = ARRIVED + timedelta(days=3)
    withdrawn = StatedFact(event="withdrawn", at=later, what=THREAT)
    complaint = StatedFact.model_validate({"event": "qualified", "at": later, "nature": "complaint"})
    await town.say(THREAT, withdrawn if how == "withdrawn" else complaint)
    assert await town.round.remove(later) == {"cases": 1}
    assert (await town.everything())["cases"][CASE]["state"] == "destroyed"


async def test_a_threat_whose_author_is_not_erased_is_a_case_as_every_other(town: Town) -> None:
    """Public archives: nobody destroys it (docs/law.md 43)."""
    before = await town.everything()
    assert await town.round.remove(datetime(2100, 1, 1, tzinfo=UTC)) == {"cases": 0}
    assert await town.everything() == before
