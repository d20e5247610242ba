"""One suite for the audit trail, on the twin and on the real MongoDB."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from guichet.clock import SystemClock
from guichet.ids import AgentId
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.audit.trail import KEPT, Act, AuditEntry, AuditTrail, MongoAuditTrail
from guichet.store.setup.schema import prepare
from guichet_testing.builders.case import ARRIVED
from guichet_testing.real.memory import in_memory
from guichet_testing.real.servers import running_mongod
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


@pytest.mark.real
class TestSweptAfterAYear:
    """By the server, which takes its own time for it: a look every second here, a minute in a town."""

    @pytest.fixture
    async def database(self, tmp_path: Path):
        """A server of its own: what other tests date long ago must not be swept meanwhile."""
        with (
            in_memory(otherwise=tmp_path) as folder,
            # From its start: told later, it first sleeps out the minute it has begun.
            running_mongod(folder, sweeps_every=1) as server,
            closing(connect(MongoSettings(mongodb_uri=server.uri))) as database,
        ):
            yield database

    async def test_what_is_older_goes_and_the_rest_stays_on_a_store_of_before_too(self, database):
        await database["audit"].create_index([("at", -1)], name="by_time")
        trail, now = MongoAuditTrail(database), SystemClock().now()
        ages = [KEPT + timedelta(days=1), KEPT + timedelta(days=400), KEPT - timedelta(days=1)]
        entries = [an_entry().model_copy(update={"at": now - age}) for age in ages]
        await trail.record(*entries)
        await prepare(database, clock=SystemClock().now)
        async with asyncio.timeout(60):
            while await database["audit"].count_documents({}) > 1:  # noqa: ASYNC110 (the server)
                await asyncio.sleep(0.2)
        assert [entry.entry_id for entry in await trail.about("case-1")] == [entries[-1].entry_id]
        assert "by_time" not in await database["audit"].index_information()

    async def test_an_old_entry_that_a_restore_brings_back_goes_again(self, database):
        await prepare(database, clock=SystemClock().now)
        trail = MongoAuditTrail(database)
        await trail.record(an_entry().model_copy(update={"at": SystemClock().now() - 2 * KEPT}))
        async with asyncio.timeout(60):
            while await trail.about("case-1"):  # noqa: ASYNC110 (the server)
                await asyncio.sleep(0.2)
