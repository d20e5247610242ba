"""One suite for the audit trail, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail, MongoAuditTrail
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.audit import InMemoryAuditTrail

LEA, SAM = AgentId("agent-lea"), AgentId("agent-sam")


def an_entry(minute: int = 0, agent: AgentId | None = LEA, *things: str) -> AuditEntry:
    return AuditEntry(
        at=ARRIVED + timedelta(minutes=minute), agent=agent, act=Act.READ, thing="case", things=things or ("case-1",)
    )


class AuditTrailSuite:
    async def test_what_was_done_to_a_thing_comes_newest_first(self, trail: AuditTrail):
        first, second = an_entry(1), an_entry(2, SAM, "case-1", "case-2")
        await trail.record(first)
        await trail.record(second, an_entry(3, LEA, "case-9"))
        assert await trail.about("case-1") == [second, first]
        assert await trail.about("case-2") == [second]

    async def test_what_an_agent_did_is_found(self, trail: AuditTrail):
        mine = an_entry(1, SAM)
        await trail.record(mine, an_entry(2, LEA), an_entry(3, None))
        assert await trail.by(SAM) == [mine]

    async def test_nothing_recorded_is_no_error(self, trail: AuditTrail):
        await trail.record()
        assert await trail.about("case-1") == []

    async def test_the_same_act_twice_is_two_entries(self, trail: AuditTrail):
        await trail.record(an_entry(1))
        await trail.record(an_entry(1))
        assert len(await trail.about("case-1")) == 2

    async def test_an_entry_is_never_overwritten(self, trail: AuditTrail):
        entry = an_entry(1)
        await trail.record(entry)
        later = an_entry(2)
        await trail.record(entry.model_copy(update={"agent": SAM}), later)
        assert await trail.about("case-1") == [later, entry]

    def test_no_entry_can_be_changed_or_removed(self, trail: AuditTrail):
        methods = {name for name in dir(trail) if not name.startswith("_") and callable(getattr(trail, name))}
        assert methods == {"record", "about", "by"}


class TestInMemoryAuditTrail(AuditTrailSuite):
    @pytest.fixture
    def trail(self) -> AuditTrail:
        return InMemoryAuditTrail()


@pytest.mark.real
class TestMongoAuditTrail(AuditTrailSuite):
    @pytest.fixture
    async def trail(self, mongo_server, mongo_database) -> AuditTrail:
        return MongoAuditTrail(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
