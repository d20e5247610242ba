"""A replica set of three that loses its primary: what a majority never had was never read."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from guichet.errors import TransientError
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.cases.store import MongoCaseStore
from guichet_local.machine.ports import free_ports
from guichet_local.machine.process import wait_until
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.case import a_case
from guichet_testing.until import until
from guichet_topology.sign_in import REPLICA_SET

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

# The first leads whenever it can; it holds on for a while with nobody behind it, the time that these tests need.
PATIENCE_OF_A_LEADER_MS = 8_000


@dataclass(frozen=True)
class ThreeMembers:
    """The first leads."""

    servers: tuple[MongoServer, ...]

    @property
    def uri(self) -> str:
        """Of all three, as a town has it."""
        addresses = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        return f"mongodb://{addresses}/?replicaSet={REPLICA_SET}"

    @contextmanager
    def alone(self, number: int) -> "Iterator[MongoClient[dict[str, Any]]]":
        """A client of one member, whatever its part is; it reads and writes what that member has."""
        port = self.servers[number].port
        options = "directConnection=true&serverSelectionTimeoutMS=2000&w=1&readPreference=primaryPreferred"
        with MongoClient(f"mongodb://127.0.0.1:{port}/?{options}") as client:
            yield client

    def leads(self, number: int) -> bool:
        """True when it takes writes."""
        try:
            with self.alone(number) as client:
                return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False

    def start(self) -> None:
        for server in self.servers:
            server.prepare()
            server.process.start()
        members = [
            {"_id": number, "host": f"127.0.0.1:{server.port}", "priority": 2 if number == 0 else 1}
            for number, server in enumerate(self.servers)
        ]
        settings = {"electionTimeoutMillis": PATIENCE_OF_A_LEADER_MS, "heartbeatIntervalMillis": 500}
        wait_until(lambda: self._initiated(members, settings), "the three members know each other")
        wait_until(self._first_leads, "the first member leads")

    def stop(self) -> None:
        self.signal_followers(signal.SIGCONT)
        for server in self.servers:
            server.kill()

    def signal_followers(self, number: signal.Signals) -> None:
        for server in self.servers[1:]:
            if server.process.is_alive:
                os.kill(server.process.pid, number)

    def _first_leads(self) -> bool:
        """Asked to, it need not wait for its patience to end."""
        with suppress(PyMongoError), self.alone(0) as client:
            client.admin.command("replSetStepUp")
        return self.leads(0)

    def _initiated(self, members: list[dict[str, Any]], settings: dict[str, int]) -> bool:
        try:
            with self.alone(0) as client:
                initiation = {"_id": REPLICA_SET, "members": members, "settings": settings}
                client.admin.command("replSetInitiate", initiation)
        except PyMongoError:
            return False
        return True


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[ThreeMembers]:
    binary = find_mongod()
    three = ThreeMembers(tuple(MongoServer(tmp_path / str(n), port, binary) for n, port in enumerate(free_ports(3))))
    await asyncio.to_thread(three.start)
    yield three
    await asyncio.to_thread(three.stop)


@pytest.fixture
async def database(three: ThreeMembers) -> AsyncIterator[Database]:
    database = connect(MongoSettings(mongodb_uri=three.uri, mongodb_database="test_failover"))
    await database["cases"].insert_one({"_id": "the collection is there"})
    yield database
    database.client.close()


async def test_no_decision_reads_what_a_failover_rolls_back(three: ThreeMembers, database: Database) -> None:
    cases, case = MongoCaseStore(database), a_case()
    three.signal_followers(signal.SIGSTOP)
    with three.alone(0) as leader:
        leader["test_failover"]["cases"].insert_one(case.model_dump(by_alias=True))  # the leader has it, alone
        assert leader["test_failover"]["cases"].find_one({"_id": case.case_id}) is not None
    read = await cases.find_many([case.case_id])

    three.servers[0].kill()
    three.signal_followers(signal.SIGCONT)
    await until(lambda: three.leads(1) or three.leads(2), seconds=60)
    await _written(database)
    await asyncio.to_thread(three.servers[0].process.start)
    await until(lambda: _knows_the_next(three), seconds=60)
    with three.alone(0) as former:
        assert former["test_failover"]["cases"].find_one({"_id": case.case_id}) is None, "it was not rolled back"
    assert read == {}, "a decision read what was never written"


async def test_who_loses_a_race_reads_the_winner_however_young(three: ThreeMembers, database: Database) -> None:
    cases, case = MongoCaseStore(database), a_case()
    three.signal_followers(signal.SIGSTOP)
    winner = asyncio.ensure_future(cases.insert_new([case]))
    with three.alone(0) as leader:
        await until(lambda: leader["test_failover"]["cases"].find_one({"_id": case.case_id}) is not None)
    loser = asyncio.ensure_future(cases.insert_new([case]))
    await asyncio.sleep(0.5)
    assert not loser.done(), "it was told that it lost to what nobody can read yet"
    three.signal_followers(signal.SIGCONT)
    assert (await loser).cases == {case.case_id}
    assert set(await cases.find_many([case.case_id])) == {case.case_id}
    assert (await winner).cases == frozenset()


async def _written(database: Database) -> None:
    async def write() -> bool:
        try:
            await database["cases"].insert_one({"_id": "next"})
        except (PyMongoError, TransientError):
            return False
        return True

    for _ in range(60):
        if await write():
            return
        await asyncio.sleep(0.5)
    raise AssertionError("no member took a write")


def _knows_the_next(three: ThreeMembers) -> bool:
    try:
        with three.alone(0) as former:
            return former["test_failover"]["cases"].find_one({"_id": "next"}) is not None
    except PyMongoError:
        return False
