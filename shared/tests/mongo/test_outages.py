"""What passes by itself is retried, what a document causes is not."""

import asyncio
import socket
import time
from functools import partial
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReadPreference, errors, monitoring

from guichet.errors import TransientError
from guichet.mongo import client
from guichet.mongo.client import connect, connect_vault, translate_errors, translated
from guichet.mongo.server_errors import is_outage
from guichet.runtime.settings import MongoSettings, VaultSettings
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer


@pytest.mark.parametrize(
    "error",
    [
        errors.AutoReconnect("gone"),
        errors.ServerSelectionTimeoutError("nobody"),
        errors.NetworkTimeout("slow"),
        errors.WaitQueueTimeoutError("busy"),
        errors.NotPrimaryError("stepped down"),
        errors.ExecutionTimeout("slow", 50),
        errors.WTimeoutError("slow", 64),
        errors.WriteConcernError("no majority", 100),
        errors.CursorNotFound("lost", 43),
        errors.OperationFailure("shutting down", 91),
        errors.OperationFailure("full", 14031),
        errors.BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
        errors.BulkWriteError({"writeErrors": [{"code": 11000}, {"code": 11602}], "writeConcernErrors": []}),
    ],
)
def test_an_outage_passes(error: errors.PyMongoError) -> None:
    assert is_outage(error)
    with pytest.raises(TransientError, match=type(error).__name__), translated():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        errors.DuplicateKeyError("zoe@mail.example", 11000),
        errors.BulkWriteError({"writeErrors": [{"code": 11000}, {"code": 121}], "writeConcernErrors": []}),
        errors.OperationFailure("bad query", 2),
        errors.OperationFailure("no code"),
        errors.DocumentTooLarge("16 MB"),
        errors.InvalidOperation("closed"),
    ],
)
def test_what_a_document_causes_stays_what_it_is(error: errors.PyMongoError) -> None:
    with pytest.raises(type(error)), translated():
        raise error


async def test_the_decorator_translates_and_passes_the_rest_on() -> None:
    @translate_errors
    async def act(error: Exception | None) -> str:
        """Do it."""
        if error:
            raise error
        return "done"

    assert await act(None) == "done"
    assert act.__doc__ == "Do it."
    with pytest.raises(TransientError) as told:
        await act(errors.AutoReconnect("mongodb://zoe:secret@server"))
    assert "secret" not in str(told.value)
    with pytest.raises(KeyError):
        await act(KeyError("x"))


def at(uri: str, name: str = "test_outages") -> client.Database:
    return connect(MongoSettings(mongodb_uri=uri, mongodb_database=name))


async def test_a_server_that_is_away_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_milliseconds", lambda _: 300)
    database = at(f"mongodb://127.0.0.1:{free_ports(1)[0]}/?replicaSet=rs0")
    started = time.monotonic()
    with pytest.raises(TransientError) as told, translated():
        await database["x"].find_one({})
    assert "Timeout: 0.3s" in str(told.value.__cause__)
    assert time.monotonic() - started < 20, "it was waited for as long as the driver does by itself"
    database.client.close()


async def test_a_server_that_says_nothing_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_milliseconds", lambda _: 500)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = at(f"mongodb://127.0.0.1:{silent.getsockname()[1]}/?directConnection=true")
        with pytest.raises(TransientError), translated():
            await database["x"].find_one({})
        database.client.close()


@pytest.mark.real
async def test_a_killed_server_is_an_outage_and_comes_back(tmp_path: Path) -> None:
    server = MongoServer(tmp_path, free_ports(1)[0], find_mongod())
    await asyncio.to_thread(server.start)
    database = at(server.uri)
    try:
        await database["x"].insert_one({"_id": 1})
        server.kill()
        with pytest.raises(TransientError), translated():
            await database["x"].insert_one({"_id": 2})
        await asyncio.to_thread(server.start)
        await database["x"].insert_one({"_id": 3})
        assert await database["x"].find_one({"_id": 1}) == {"_id": 1}
    finally:
        database.client.close()
        await asyncio.to_thread(server.stop)


@pytest.mark.real
async def test_writes_are_durable_on_a_majority_whatever_the_uri_says(mongo_server: MongoServer) -> None:
    database = at(mongo_server.uri.replace("w=majority&journal=true", "w=1&journal=false"))
    assert database.write_concern.document == {"w": "majority", "j": True}
    database.client.close()


class _Inserts(monitoring.CommandListener):
    """Whether each insertion was sent so that the server would know it again."""

    def __init__(self) -> None:
        self.known_again: list[bool] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "insert":
            self.known_again.append("txnNumber" in event.command)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@pytest.mark.real
async def test_who_repeats_whole_batches_has_no_write_kept_for_a_repetition(
    mongo_server: MongoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inserts = _Inserts()
    monkeypatch.setattr(client, "AsyncIOMotorClient", partial(AsyncIOMotorClient, event_listeners=[inserts]))
    store, vault = MongoSettings(mongodb_uri=mongo_server.uri), VaultSettings(mongodb_uri=mongo_server.uri)
    for repeats in (True, False):
        for database in (connect(store, repeats_writes=repeats), connect_vault(vault, repeats_writes=repeats)):
            await database["test_outages"].insert_many([{}, {}])
            database.client.close()
    assert inserts.known_again == [True, True, False, False]


@pytest.mark.real
async def test_times_come_back_aware(mongo_server: MongoServer, mongo_database: str) -> None:
    database = at(mongo_server.uri, mongo_database)
    assert database.codec_options.tz_aware
    database.client.close()


@pytest.mark.real
@pytest.mark.parametrize("said", ["", "&readConcernLevel=local&readPreference=secondaryPreferred"])
async def test_what_is_read_a_majority_has_whatever_the_uri_says(mongo_server: MongoServer, said: str) -> None:
    store = at(mongo_server.uri + said)
    vault = connect_vault(VaultSettings(mongodb_uri=mongo_server.uri + said))
    for database in (store, vault):
        assert database.read_concern.document == {"level": "majority"}
        assert database.read_preference == ReadPreference.PRIMARY
        assert await database["x"].find_one({}) is None
        database.client.close()
