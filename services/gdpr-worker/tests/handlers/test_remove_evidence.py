"""What was spared as evidence of a threat goes once it is none, whole; until then and of others nothing does."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from gdpr_worker.handlers.erase_person import BY
from gdpr_worker.handlers.remove_evidence import FormerEvidence
from guichet.clock import SystemClock
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.data_subject.evidence import GRACE
from guichet.ids import CaseId
from guichet.law.calendar import paris_date, start_of_day
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.audit.trail import Act, MongoAuditTrail
from guichet.store.cases.erase import CaseErasing, MongoCaseErasing, OwedCase
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
CORRECTED = ARRIVED + timedelta(days=3)
WITHDRAWN = StatedFact(event=FactKind.WITHDRAWN, at=CORRECTED, what=THREAT)
SAID_AGAIN = THREAT.model_copy(update={"at": CORRECTED + timedelta(hours=20)})
OVER = CORRECTED + GRACE + timedelta(days=1)
LAST = start_of_day(THREATS_KEPT.after(paris_date(ARRIVED))) + timedelta(hours=12)


class Town:
    """Two people on one phone, of whom one threatened and is erased but for that; and gdpr-worker's round."""

    def __init__(self, database: Database) -> None:
        self.database, self.vault, self.objects = database, InMemoryVault(), InMemoryObjects()
        self.finder = open_finder(database, self.vault, registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)
        self.removal = open_removal(database, self.vault, self.objects, self.finder)
        self.audit = MongoAuditTrail(database)
        self.round = self.round_by(MongoCaseErasing(database))

    def round_by(self, cases: CaseErasing) -> FormerEvidence:
        return FormerEvidence(cases, self.finder, self.removal, self.audit, THREATS_KEPT)

    async def say(self, *facts: StatedFact) -> None:
        said = {"$set": {"facts": [each.model_dump() for each in facts]}, "$inc": {"version": 1}}
        await self.database["cases"].update_one({"_id": CASE}, said)

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
async def test_what_nobody_says_any_more_to_be_a_threat_goes_once_a_correction_had_its_time(
    town: Town, how: str
) -> None:
    await town.erase()
    complaint = StatedFact.model_validate({"event": "qualified", "at": CORRECTED, "nature": "complaint"})
    await town.say(THREAT, WITHDRAWN if how == "withdrawn" else complaint)
    before = await town.everything()
    for days in (0, 1, GRACE.days):
        assert await town.round.remove(CORRECTED + timedelta(days=days)) == {"cases": 0}
    assert await town.everything() == before
    assert await town.round.remove(CORRECTED + GRACE + timedelta(days=1)) == {"cases": 1}
    assert (await town.everything())["cases"][CASE]["state"] == "destroyed"


async def test_withdrawn_and_said_again_with_a_better_reason_it_stays(town: Town) -> None:
    await town.erase()
    await town.say(THREAT, WITHDRAWN)
    assert await town.round.remove(CORRECTED) == {"cases": 0}
    await town.say(THREAT, WITHDRAWN, SAID_AGAIN)
    before = await town.everything()
    for days in (1, 8, 400):
        assert await town.round.remove(CORRECTED + timedelta(days=days)) == {"cases": 0}
    assert await town.everything() == before


async def test_said_again_just_before_it_is_set_aside_it_stays(town: Town) -> None:
    class SaidAgain(MongoCaseErasing):
        async def read_owed(self, case: CaseId) -> OwedCase | None:
            read = await super().read_owed(case)
            await town.say(THREAT, WITHDRAWN, SAID_AGAIN)
            return read

    await town.erase()
    await town.say(THREAT, WITHDRAWN)
    assert await town.round_by(SaidAgain(town.database)).remove(OVER) == {"cases": 0}
    case = (await town.everything())["cases"][CASE]
    assert (case["erasing"], case["owes_erasure"], "destroyed_at" in case) == (False, True, False)
    keys = (await town.finder.of_cases([CASE])).keys
    assert set(await town.vault.open_keys(keys)) == keys


async def test_one_that_nobody_can_read_keeps_no_other(town: Town) -> None:
    await town.erase()
    await town.say(THREAT, WITHDRAWN)
    garbled = {"_id": "a-garbled-one", "owes_erasure": True, "version": 3, "facts": [{"event": "never-heard-of"}]}
    await town.database["cases"].insert_one({**garbled, "reference": "2026-BAD"})
    with capture_logs() as logs:
        assert await town.round.remove(OVER) == {"cases": 1}
    left = (await town.everything())["cases"]
    assert left[CASE]["state"] == "destroyed"
    assert left["a-garbled-one"] == {**garbled, "reference": "2026-BAD"}
    assert [each["case_id"] for each in logs if each["log_level"] == "error"] == ["a-garbled-one"]


async def test_the_trail_says_once_that_it_was_erased_and_by_whom(town: Town) -> None:
    await town.erase()
    assert await town.audit.about(CASE) == []
    for _ in range(2):
        await town.round.remove(LAST + timedelta(days=1))
    [entry] = await town.audit.about(CASE)
    assert (entry.agent, entry.act, entry.thing, entry.things) == (BY, Act.ERASED, "case", (CASE,))
    assert (entry.at, entry.reason) == (LAST + timedelta(days=1), None)


async def test_killed_once_it_is_set_aside_it_goes_the_next_day(town: Town) -> None:
    await town.erase()
    await town.say(THREAT, WITHDRAWN)
    cases = MongoCaseErasing(town.database)
    read = await cases.read_owed(CaseId(CASE))
    assert read is not None
    assert await cases.set_aside_owed(read)
    assert await town.round.remove(OVER) == {"cases": 1}
    assert (await town.everything())["cases"][CASE]["state"] == "destroyed"


async def test_a_threat_whose_author_is_not_erased_is_a_case_as_every_other(town: Town) -> None:
    """Public archives: nobody destroys it (docs/law.md 43)."""
    before = await town.everything()
    assert await town.round.remove(datetime(2100, 1, 1, tzinfo=UTC)) == {"cases": 0}
    assert await town.everything() == before
