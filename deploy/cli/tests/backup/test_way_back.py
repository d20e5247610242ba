"""Today's version makes way for an earlier one: what that then finds, on a real MongoDB and a real broker."""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from guichet.ids import AgentId, EventId
from guichet.kafka.groupless.whole import read_whole
from guichet.kafka.produce.producer import Producer, Record
from guichet.mongo.backup_files import MANIFEST, read_manifest
from guichet.mongo.client import Database, connect, connect_vault
from guichet.runtime.settings import KafkaSettings, MongoSettings, VaultSettings
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet_cli.__main__ import app
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.signers import public_keys_folder

pytestmark = pytest.mark.real

EXAMPLE = Path(__file__).parents[4] / "shared" / "examples" / "inbound-email" / "v2" / "MessageReceived.json"
KEY = base64.b64encode(bytes(32)).decode()
Look = Callable[[Database, Database], Coroutine[Any, Any, Any]]


class Store:
    """A prepared store, the commands on it, and a way to look behind them."""

    def __init__(self, kafka: Any, mongo: Any, name: str, folder: Path) -> None:
        self.backups, self._name, self._uri = folder / "backups", name, mongo.uri
        self.kafka = KafkaSettings(kafka_bootstrap_servers=kafka.bootstrap_servers)
        self.variables = {
            "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "GUICHET_MONGODB_URI": mongo.uri,
            "GUICHET_MONGODB_DATABASE": name,
            "GUICHET_VAULT_DATABASE": f"{name}_vault",
            "GUICHET_ROOT_KEY_FILE": str(folder / "root.key"),
            "GUICHET_OBJECTS_URL": (folder / "objects").as_uri(),
            **dict.fromkeys(("GUICHET_REGISTRY_KEY", "GUICHET_SECTOR_KEY", "GUICHET_LEDGER_KEY"), KEY),
            "GUICHET_TOWN": str(EXAMPLE_TOWN),
            "GUICHET_BACKUPS": str(self.backups),
            **public_keys_folder(folder / "public-keys"),
        }

    def guichet(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    def done(self, *words: str) -> str:
        result = self.guichet(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def backed_up(self) -> Path:
        """Back up as an upgrade does, and have it look as if an early version had: it has been through no migration."""
        for _ in range(2):  # run again, the first one serves
            self.done("backup", "nightly", "--with-ledger", "--for-upgrade")
        [backup] = [path for path in self.backups.iterdir() if path.is_dir()]
        manifest = read_manifest(backup, "data")
        files = tuple(each for each in manifest.files if not each.name.startswith(("migrations", "follow_views")))
        for each in {*manifest.files} - {*files}:
            (backup / each.name).unlink()
        (backup / MANIFEST).write_text(manifest.model_copy(update={"files": files}).model_dump_json())
        return backup

    def look(self, act: Look) -> Any:
        async def run() -> Any:
            database = connect(MongoSettings(mongodb_uri=self._uri, mongodb_database=self._name))
            vault = connect_vault(VaultSettings(mongodb_uri=self._uri, vault_database=f"{self._name}_vault"))
            try:
                return await act(database, vault)
            finally:
                database.client.close()
                vault.client.close()

        return asyncio.run(run())

    async def publish(self, value: bytes) -> None:
        timeout = timedelta(seconds=20)
        async with Producer(self.kafka, "test", timeout=timeout, linger=timedelta(0)) as producer:
            await producer.send([Record("inbound-email", b"somebody", value)])

    async def said(self, message: str) -> list[dict[str, Any]]:
        """Return the records of a message, in order."""
        found = [each async for some in read_whole(self.kafka, ["inbound-email"]) for each in some]
        values = [each.value for each in found if each.value is not None and each.key == b"somebody"]
        return [json.loads(value) for value in values if message.encode() in value]


@pytest.fixture
def store(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Store:
    store = Store(kafka_server, mongo_server, mongo_database, tmp_path)
    for name, value in store.variables.items():
        monkeypatch.setenv(name, value)
    store.done("prepare")
    store.look(lambda _, vault: MongoErasureLedger(vault).add(an_erasure("of-then")))
    return store


def an_erasure(name: str) -> ErasureEntry:
    return ErasureEntry(
        _id=EventId(name),
        citizen=None,
        tags=("tag",),
        requested_by=AgentId("uid-1"),
        requested_at=datetime.now(UTC),
        decision="DPO-1",
        visa="AD-1",
        step=ErasureStep.CERTIFIED,
        reached={},
        finished=True,
    )


def test_what_came_since_is_said_as_the_earlier_version_reads_it_and_nothing_of_later_is_left(store: Store) -> None:
    backup = store.backed_up()
    message = secrets.token_hex(16)
    asyncio.run(store.publish(b"junk that somebody put there"))
    asyncio.run(store.publish(json.dumps({**json.loads(EXAMPLE.read_text()), "message_id": message}).encode()))

    async def later(database: Database, vault: Database) -> None:
        await database["follow_views"].insert_one({"_id": "of later"})
        await vault["erasures"].update_one({"_id": "of-then"}, {"$set": {"tags": ["a later form"]}})

    store.look(later)
    said = store.done("restore", "make-way", str(backup))
    assert re.search(r"\b[1-9]\d* message\(s\) of since then", said), said  # other tests' of this broker, too
    first, again = asyncio.run(store.said(message))
    assert (first["schema_version"], again["schema_version"]) == (2, 1)
    assert again["content"] == first["content"]

    async def left(database: Database, vault: Database) -> tuple[set[str], set[str], Any]:
        names = {*await database.list_collection_names()}
        indexes = {*await database["audit"].index_information(), *await database["sessions"].index_information()}
        entry = await vault["erasures"].find_one({"_id": "of-then"})
        assert entry is not None
        return names & {"follow_views", "migrations"}, indexes, entry["tags"]

    assert store.look(left) == (set(), {"_id_"}, ["tag"])


def test_there_is_no_way_back_over_an_erasure_that_was_asked_for_since(store: Store) -> None:
    backup = store.backed_up()
    store.look(lambda _, vault: MongoErasureLedger(vault).add(an_erasure("since")))
    result = store.guichet("restore", "make-way", str(backup))
    assert result.exit_code == 1
    assert "Erasure since was asked for since this backup" in " ".join(result.output.split())
    assert store.look(lambda database, _: database["migrations"].find_one({})) is not None


def test_there_is_no_way_back_over_an_erasure_that_was_carried_out_since(store: Store) -> None:
    asked = an_erasure("under-way").model_copy(update={"step": ErasureStep.WAITING, "finished": False})
    store.look(lambda _, vault: MongoErasureLedger(vault).add(asked))
    backup = store.backed_up()
    done = {"step": "certified", "reached": {"destroyed": datetime.now(UTC)}, "finished": True}
    store.look(lambda _, vault: vault["erasures"].update_one({"_id": "under-way"}, {"$set": done}))
    result = store.guichet("restore", "make-way", str(backup))
    assert "Erasure under-way was carried out since this backup" in " ".join(result.output.split())

    async def step(_: Database, vault: Database) -> Any:
        entry = await vault["erasures"].find_one({"_id": "under-way"})
        return entry and entry["step"]

    assert store.look(step) == "certified"


def test_without_the_ledger_of_then_it_asks_for_it(store: Store, tmp_path: Path) -> None:
    store.done("backup", "data", str(tmp_path / "data"))
    store.done("backup", "vault", str(tmp_path / "vault"))
    assert "Give --ledger" in " ".join(store.guichet("restore", "make-way", str(tmp_path / "data")).output.split())
    store.done("restore", "make-way", str(tmp_path / "data"), "--ledger", str(tmp_path / "vault"))
