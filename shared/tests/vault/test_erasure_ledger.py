"""The ledger of erasures, in MongoDB and in memory: one suite."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from guichet.contracts.case_events import CaseState
from guichet.contracts.privacy import ErasureRequested
from guichet.ids import AgentId, CitizenId, DepartmentId, EventId
from guichet.mongo.client import connect_vault
from guichet.runtime.settings import VaultSettings
from guichet.vault.erasure_ledger.entry import BarrierOffset, Certificate, ErasureEntry, ErasureStep, SlipLine
from guichet.vault.erasure_ledger.ledger import ErasureLedger, MongoErasureLedger
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger

ASKED = datetime(2026, 5, 1, tzinfo=UTC)


def an_entry(name: str = "request-1", *, days_later: int = 0, **more: Any) -> ErasureEntry:
    asked = ErasureRequested(
        event_id=EventId(name),
        occurred_at=ASKED + timedelta(days=days_later),
        requested_by=AgentId("dpo"),
        **{"citizen": CitizenId("citizen-1"), "decision": "DPO-2026-014", "visa": "AD-1", **more},
    )
    return ErasureEntry.of(asked)


def later(entry: ErasureEntry, **changes: Any) -> ErasureEntry:
    return entry.model_copy(update={"version": entry.version + 1, **changes})


def certified(entry: ErasureEntry) -> ErasureEntry:
    line = SlipLine(department=DepartmentId("voirie"), state=CaseState.CLOSED, count=1, from_year=2026, to_year=2026)
    certificate = Certificate(
        request_id=entry.request_id,
        decision=entry.decision,
        visa=entry.visa,
        requested_by=entry.requested_by,
        requested_at=entry.requested_at,
        keys_destroyed_at=ASKED,
        turned_at=ASKED,
        certified_at=ASKED,
        last_copy_gone_by=date(2026, 6, 5),
        counts={"cases": 1},
        slip=(line,),
    )
    reached = {**entry.reached, ErasureStep.CERTIFIED.value: ASKED}
    return later(entry, step=ErasureStep.CERTIFIED, reached=reached, certificate=certificate)


class ErasureLedgerSuite:
    async def test_an_entry_is_found_again(self, ledger: ErasureLedger) -> None:
        await ledger.add(an_entry())
        assert await ledger.find(EventId("request-1")) == an_entry()

    async def test_the_first_request_under_an_id_stands(self, ledger: ErasureLedger) -> None:
        await ledger.add(an_entry())
        await ledger.add(an_entry(decision="another"))
        assert await ledger.find(EventId("request-1")) == an_entry()

    async def test_an_unknown_request_is_none(self, ledger: ErasureLedger) -> None:
        assert await ledger.find(EventId("never")) is None

    async def test_of_two_who_advance_an_entry_one_is_told_that_it_came_too_late(self, ledger: ErasureLedger) -> None:
        await ledger.add(an_entry())
        places = (BarrierOffset(topic="inbound-sms", partition=0, offset=7),)
        mine = later(an_entry(), step=ErasureStep.DIVERTED, barrier=places)
        assert await ledger.replace_if_unchanged(mine)
        assert not await ledger.replace_if_unchanged(later(an_entry(), step=ErasureStep.REFUSED))
        assert await ledger.find(EventId("request-1")) == mine

    async def test_what_is_not_there_is_not_written(self, ledger: ErasureLedger) -> None:
        assert not await ledger.replace_if_unchanged(later(an_entry()))
        assert await ledger.all() == []

    async def test_a_certificate_is_kept_as_it_is(self, ledger: ErasureLedger) -> None:
        await ledger.add(an_entry())
        assert await ledger.replace_if_unchanged(certified(an_entry()))
        assert await ledger.find(EventId("request-1")) == certified(an_entry())

    async def test_entries_come_oldest_first(self, ledger: ErasureLedger) -> None:
        second, first = an_entry("a", days_later=1), an_entry("b", citizen=CitizenId("citizen-2"))
        for entry in (second, first):
            await ledger.add(entry)
        assert await ledger.all() == [first, second]
        assert await ledger.unfinished() == [first, second]
        assert await ledger.of_citizen(CitizenId("citizen-1"), "tag-1") == [second]
        blind = later(first, finished=True, citizen=None, tags=("tag-2",))
        assert await ledger.replace_if_unchanged(blind)
        assert await ledger.of_citizen(CitizenId("citizen-2"), "tag-2") == [blind]
        assert await ledger.unfinished() == [second]


class TestInMemoryErasureLedger(ErasureLedgerSuite):
    @pytest.fixture
    def ledger(self) -> ErasureLedger:
        return InMemoryErasureLedger()


@pytest.mark.real
class TestMongoErasureLedger(ErasureLedgerSuite):
    @pytest.fixture
    async def ledger(self, mongo_server: Any, mongo_database: str) -> AsyncIterator[ErasureLedger]:
        database = connect_vault(VaultSettings(mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault"))
        yield MongoErasureLedger(database)
        database.client.close()


def test_an_erasure_has_taken_effect_once_keys_were_destroyed() -> None:
    entry = an_entry()
    assert not entry.destroyed_keys
    assert entry.model_copy(update={"reached": {ErasureStep.DESTROYED.value: ASKED}}).destroyed_keys
