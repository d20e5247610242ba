"""A town is backed up, a person erased, everything lost and restored: what comes back is clean before it serves anyone.

On a real mongod and a real broker, by the commands that an operator types.
"""

import asyncio
import base64
import fcntl
import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition
from typer.testing import CliRunner, Result

from guichet.clock import SystemClock
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.data_subject.erase import Removal
from guichet.data_subject.finder import PersonFinder
from guichet.data_subject.reapply import Reapplying
from guichet.errors import TransientError
from guichet.ids import AgentId, EventId, KeyId
from guichet.kafka.admin.group_offsets import running_groups, set_offsets
from guichet.kafka.admin.offsets import Offsets
from guichet.mongo.backup_files import MANIFEST
from guichet.mongo.client import Database, connect, connect_vault
from guichet.mongo.dump import documents_in, read_documents
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.runtime.background import in_background
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings, RotationSettings
from guichet.store.objects import CLAIM, ObstoreObjects
from guichet.store.setup.restore import data_collections
from guichet.store.verified_backups import MongoVerifiedBackups
from guichet.vault.copy.keep import CopyKeeper
from guichet.vault.copy.record import CopyRecord
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.keys import second_copy
from guichet.vault.mongo_vault import open_vault
from guichet.vault.rotation.rotate import open_rotation
from guichet_cli.__main__ import app
from guichet_cli.backup.object_files import put_back
from guichet_cli.console.progress import Progress
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.shared_phone import AMINA, REGISTRY_KEY, SECTOR_KEY, SharedPhone
from guichet_testing.builders.signers import public_keys_folder
from guichet_testing.builders.tampered import altered
from guichet_testing.until import until

pytestmark = pytest.mark.real

PLACE = TopicPartition("inbound-email", 0)
Act = Callable[["Hall"], Coroutine[Any, Any, Any]]

LEDGER_KEY = b"l" * 32


@dataclass
class Hall:
    """What the tests look at, within one loop."""

    database: Database
    vault_database: Database
    opening: OpeningSettings
    objects: ObstoreObjects

    def finder(self) -> PersonFinder:
        return open_finder(
            self.database,
            open_vault(self.opening, clock=SystemClock().now),
            registry_key=REGISTRY_KEY,
            sector_key=SECTOR_KEY,
        )

    def removal(self) -> Removal:
        return open_removal(
            self.database, open_vault(self.opening, clock=SystemClock().now), self.objects, self.finder()
        )

    async def everything(self) -> dict[str, dict[str, Any]]:
        return {
            name: {document["_id"]: document async for document in self.database[name].find()}
            for name in data_collections()
        }


class Town:
    """The commands, and a way to look behind them."""

    def __init__(self, kafka: Any, mongo: Any, name: str, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "secrets" / "root.key"
        self.kafka = KafkaSettings(kafka_bootstrap_servers=kafka.bootstrap_servers)
        self._mongo, self.name = mongo, name
        self.variables = {
            "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "GUICHET_MONGODB_URI": mongo.uri,
            "GUICHET_MONGODB_DATABASE": name,
            "GUICHET_VAULT_DATABASE": f"{name}_vault",
            "GUICHET_ROOT_KEY_FILE": str(self.root),
            "GUICHET_OBJECTS_URL": (folder / "objects").as_uri(),
            "GUICHET_REGISTRY_KEY": base64.b64encode(REGISTRY_KEY).decode(),
            "GUICHET_SECTOR_KEY": base64.b64encode(SECTOR_KEY).decode(),
            "GUICHET_TOWN": str(EXAMPLE_TOWN),
            **public_keys_folder(folder / "public-keys"),
            "GUICHET_LEDGER_KEY": base64.b64encode(LEDGER_KEY).decode(),
        }

    def guichet(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    def done(self, *arguments: str) -> str:
        result = self.guichet(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *arguments: str) -> str:
        result = self.guichet(*arguments)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        return result.output

    def behind(self, act: Act) -> Any:
        """Run a act in a loop of its own: each command has one, too."""

        async def run() -> Any:
            uri = self._mongo.uri
            opening = OpeningSettings(mongodb_uri=uri, vault_database=f"{self.name}_vault", root_key_file=self.root)
            database = connect(MongoSettings(mongodb_uri=uri, mongodb_database=self.name))
            vault = connect_vault(opening)
            try:
                return await act(Hall(database, vault, opening, ObstoreObjects(self.variables["GUICHET_OBJECTS_URL"])))
            finally:
                database.client.close()
                vault.client.close()

        return in_a_thread(run)


def in_a_thread(act: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(act())


@pytest.fixture
def town(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Town:
    town = Town(kafka_server, mongo_server, mongo_database, tmp_path)
    for name, value in town.variables.items():
        monkeypatch.setenv(name, value)
    town.done("prepare")
    town.behind(
        lambda hall: SharedPhone(
            hall.database, open_vault(hall.opening, clock=SystemClock().now), hall.objects
        ).insert()
    )
    return town


async def coordinated(kafka: KafkaSettings) -> bool:
    """Tell whether the broker keeps groups' offsets: a new one makes their topic when it is first asked."""
    with suppress(TransientError):
        await running_groups(kafka, ["case-router"])
        return True
    return False


async def erase_amina(hall: Hall) -> None:
    """As gdpr-worker does, and with the ledger, that leads to nobody any more."""
    removal, finder, now = hall.removal(), hall.finder(), datetime.now(UTC)
    await removal.divert(AMINA)
    found = await finder.find(AMINA)
    await removal.destroy_keys(found)
    await removal.delete(found, now)
    entry = ErasureEntry(
        _id=EventId("erasure-1"),
        citizen=None,
        tags=tuple(erased_citizen_tag(LEDGER_KEY, each) for each in sorted(found.citizens)),
        requested_by=AgentId("operator:test"),
        requested_at=now,
        decision="DPO-1",
        visa="AD-1",
        step=ErasureStep.CERTIFIED,
        reached={step.value: now for step in (ErasureStep.DIVERTED, ErasureStep.DESTROYED, ErasureStep.CERTIFIED)},
        finished=True,
    )
    await MongoErasureLedger(hall.vault_database).add(entry)


async def rotation(hall: Hall) -> Any:
    return await open_rotation(
        RotationSettings(**hall.opening.model_dump()), hall.vault_database, clock=SystemClock().now
    ).run()


class TestData:
    def test_what_was_backed_up_comes_back_whole(self, town: Town) -> None:
        before = town.behind(Hall.everything)
        told = town.done("backup", "data", str(town.folder / "b"))
        assert f"{sum(map(len, before.values()))} documents and" in told
        town.behind(lambda hall: hall.database.client.drop_database(hall.database.name))
        shutil.rmtree(town.folder / "objects")
        told = town.done("restore", "data", str(town.folder / "b"))
        assert "0 erasure(s) applied again" in told
        assert town.behind(Hall.everything) == before
        assert town.behind(lambda hall: hall.objects.get("file-bruno-roads"))
        indexes = town.behind(lambda hall: hall.database["cases"].index_information())
        assert len(indexes) > 3
        assert set(town.behind(lambda hall: hall.finder().find(AMINA)).cases) >= {"amina-roads"}

    def test_who_was_erased_since_is_erased_from_it_before_anyone_is_served(self, town: Town) -> None:
        town.done("backup", "data", str(town.folder / "b"))
        town.behind(erase_amina)
        town.behind(rotation)
        after_erasure = town.behind(Hall.everything)
        told = town.done("restore", "data", str(town.folder / "b"), "--replace", "--yes")
        assert "1 erasure(s) applied again" in told
        assert town.behind(lambda hall: hall.finder().find(AMINA)).is_empty
        restored = town.behind(Hall.everything)
        for name, documents in after_erasure.items():
            assert set(restored[name]) == set(documents), name
        living = {name for name, case in restored["cases"].items() if case["state"] != "destroyed"}
        assert living == {"bruno-roads", "bruno-perhaps"}
        assert town.behind(lambda hall: hall.objects.get("file-bruno-roads"))
        assert not (town.folder / "objects" / "file-amina-roads").exists()

    def test_what_an_older_version_backed_up_is_migrated_before_erasures_are_applied_again(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        town.done("backup", "data", str(town.folder / "b"))
        town.behind(erase_amina)
        seen = list[bool]()

        async def migrate_store(*, while_restoring: bool) -> None:
            database = connect(
                MongoSettings(mongodb_uri=town.variables["GUICHET_MONGODB_URI"], mongodb_database=town.name)
            )
            seen.append(while_restoring and await database["citizens"].find_one({"_id": AMINA}) is not None)
            database.client.close()

        monkeypatch.setattr("guichet_cli.backup.restore_command.migrate_store", migrate_store)
        town.done("restore", "data", str(town.folder / "b"), "--replace", "--yes")
        assert seen == [True]

    def test_until_it_is_clean_nobody_opens_anything_and_it_can_be_run_again(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        town.done("backup", "data", str(town.folder / "b"))
        town.behind(erase_amina)

        async def killed(_: object) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Reapplying, "run", killed)
            assert town.guichet("restore", "data", str(town.folder / "b"), "--replace", "--yes").exit_code != 0

        async def served(hall: Hall) -> None:
            [message] = await hall.database["messages"].find({"_id": "bruno-roads"}).to_list(1)
            vault = open_vault(hall.opening, clock=SystemClock().now)
            for act in (vault.open_keys([KeyId(message["content"]["key_id"])]), vault.check()):
                with pytest.raises(TransientError, match="being restored"):
                    await act

        town.behind(served)
        town.done("restore", "data", str(town.folder / "b"), "--replace", "--yes")
        town.behind(lambda hall: open_vault(hall.opening, clock=SystemClock().now).check())
        assert town.behind(lambda hall: hall.finder().find(AMINA)).is_empty

    @pytest.mark.parametrize("options", [(), ("--without-files",)], ids=["files too", "files elsewhere"])
    def test_whose_files_they_are_is_in_no_backup_and_is_asked_anew_after_a_restore(
        self, town: Town, options: tuple[str, ...]
    ) -> None:
        """Messages filed since have no document then: no file may go for as long as an orphan is kept."""
        town.behind(lambda hall: hall.objects.put(CLAIM, b"this cluster"))
        town.done("backup", "data", str(town.folder / "b"), *options)
        assert not (town.folder / "b" / "objects" / CLAIM).exists()
        town.done("restore", "data", str(town.folder / "b"), "--replace", "--yes")
        assert not (town.folder / "objects" / CLAIM).exists()

    def test_a_backup_of_before_that_holds_another_clusters_claim_is_put_back_without_it(self, town: Town) -> None:
        copy = ObstoreObjects((town.folder / "copy").as_uri())

        async def put(_hall: Hall) -> None:
            folder = town.folder / "old"
            (folder / "objects").mkdir(parents=True)
            for key in ("file", CLAIM):
                (folder / "objects" / key).write_bytes(b"of then")
            digest = hashlib.sha256(b"of then").hexdigest()
            (folder / "objects.sha256").write_text("".join(f"{digest}  objects/{key}\n" for key in ("file", CLAIM)))
            await copy.put(CLAIM, b"another cluster")
            await put_back(copy, folder, Progress().beat)

        town.behind(put)
        assert (town.folder / "copy" / "file").read_bytes() == b"of then"
        assert (town.folder / "copy" / CLAIM).read_bytes() == b"another cluster"

    def test_an_audit_entry_recorded_since_stays(self, town: Town) -> None:
        town.behind(lambda hall: hall.database["audit"].insert_one({"_id": "before", "at": datetime.now(UTC)}))
        town.done("backup", "data", str(town.folder / "b"))
        town.behind(lambda hall: hall.database["audit"].insert_one({"_id": "since", "at": datetime.now(UTC)}))
        town.done("restore", "data", str(town.folder / "b"), "--replace", "--yes")
        assert set(town.behind(Hall.everything)["audit"]) == {"before", "since"}

    def test_groups_go_on_from_where_they_stood(self, town: Town) -> None:
        async def produced(count: int) -> int:
            producer = AIOKafkaProducer(bootstrap_servers=town.kafka.kafka_bootstrap_servers)
            await producer.start()
            for _ in range(count):
                await producer.send_and_wait(PLACE.topic, b"sealed", partition=PLACE.partition)
            await producer.stop()
            async with Offsets(town.kafka) as offsets:
                return (await offsets.ends([PLACE]))[PLACE]

        async def committed(_: object) -> int:
            async with Offsets(town.kafka) as offsets:
                found = (await offsets.committed("case-router", [PLACE]))[PLACE]
                assert found is not None
                return found.offset

        def filed_again() -> int:
            told = town.done("restore", "data", str(town.folder / "b"), "--replace", "--yes")
            [count] = re.findall(r"(\d+) record\(s\) that came since are filed again", told)
            return int(count)

        town.behind(lambda _: until(partial(coordinated, town.kafka), "a broker that keeps offsets"))
        stood = town.behind(lambda _: produced(3))
        town.behind(lambda _: set_offsets(town.kafka, "case-router", {PLACE: stood}))
        town.done("backup", "data", str(town.folder / "b"))
        others = filed_again()  # what other tests left on this broker, which no group has read
        since = town.behind(lambda _: produced(4))
        town.behind(lambda _: set_offsets(town.kafka, "case-router", {PLACE: since}))
        assert filed_again() == others + 4
        assert town.behind(committed) == stood == since - 4

    def test_a_service_that_runs_is_named(self, town: Town) -> None:
        town.done("backup", "data", str(town.folder / "b"))

        async def refused_meanwhile(_: object) -> str:
            member = AIOKafkaConsumer(
                "case-events", bootstrap_servers=town.kafka.kafka_bootstrap_servers, group_id="notifier"
            )
            await member.start()
            try:
                arguments = ("restore", "data", str(town.folder / "b"), "--replace", "--yes")
                return await asyncio.to_thread(town.refused, *arguments)
            finally:
                await member.stop()

        before = town.behind(Hall.everything)
        assert "notifier run(s): stop every service" in town.behind(refused_meanwhile)
        assert town.behind(Hall.everything) == before

    def test_a_database_that_is_not_empty_is_kept(self, town: Town) -> None:
        town.done("backup", "data", str(town.folder / "b"))
        before = town.behind(Hall.everything)
        assert "not empty. Give --replace" in town.refused("restore", "data", str(town.folder / "b"))
        declined = CliRunner().invoke(app, ["restore", "data", str(town.folder / "b"), "--replace"], input="n\n")
        assert declined.exit_code == 1
        assert town.behind(Hall.everything) == before
        town.behind(lambda hall: open_vault(hall.opening, clock=SystemClock().now).check())

    def test_a_damaged_backup_is_refused_before_anything_is_touched(self, town: Town) -> None:
        town.done("backup", "data", str(town.folder / "b"))
        before = town.behind(Hall.everything)
        for name in ("messages.bson.gz", "objects.sha256", "objects/file-bruno-roads", MANIFEST):
            for damage in (Path.unlink, lambda path: path.write_bytes(altered(path.read_bytes()))):
                shutil.rmtree(town.folder / "damaged", ignore_errors=True)
                shutil.copytree(town.folder / "b", town.folder / "damaged")
                damage(town.folder / "damaged" / name)
                told = town.refused("restore", "data", str(town.folder / "damaged"), "--replace", "--yes")
                assert "damaged" in told
        assert town.behind(Hall.everything) == before

    def test_a_backup_names_nobody_holds_no_key_and_is_for_its_owner_alone(self, town: Town) -> None:
        town.done("backup", "data", str(town.folder / "b"))
        files = [path for path in (town.folder / "b").rglob("*") if path.is_file()]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        assert not {path.name.split(".")[0] for path in files} & {"keys", "bucket_keys", "sessions", "root"}
        legible = b"".join(document.raw for path in files if path.suffix == ".gz" for document in read_documents(path))
        assert b"bruno" in legible, "ids are in clear"
        assert b"amina@courriel.example" not in legible
        assert b"The words of" not in legible

    def test_a_folder_with_something_in_it_is_not_written_to(self, town: Town) -> None:
        (town.folder / "b").mkdir()
        (town.folder / "b" / "letter.txt").write_text("mine")
        for what in ("data", "vault"):
            assert "not empty" in town.refused("backup", what, str(town.folder / "b"))

    def test_the_vaults_backup_is_none_of_the_data(self, town: Town) -> None:
        town.done("backup", "vault", str(town.folder / "v"))
        assert "of the vault, not of the data" in town.refused("restore", "data", str(town.folder / "v"))


class TestCheck:
    def test_a_good_one_is_read_whole_and_what_was_erased_since_is_not_missed(self, town: Town) -> None:
        everything = town.behind(Hall.everything)
        town.done("backup", "data", str(town.folder / "b"))
        told = town.done("backup", "check", str(town.folder / "b"))
        assert f"{sum(map(len, everything.values()))} documents" in told
        assert "It is good." in told
        town.behind(erase_amina)
        assert "It is good." in town.done("backup", "check", str(town.folder / "b"))
        file = town.folder / "b" / "messages.bson.gz"
        whole = bytearray(file.read_bytes())
        whole[len(whole) // 2] ^= 1
        file.write_bytes(whole)
        assert "damaged" in town.refused("backup", "check", str(town.folder / "b"))

    def test_what_could_not_be_read_is_named(self, town: Town) -> None:
        harm = {"copies": [{"key_id": "b" * 32, "files": ["f" * 32]}], "content.key_id": "a" * 32}

        async def harmed(hall: Hall) -> None:
            await hall.database["messages"].update_one({"_id": "bruno-roads"}, {"$set": harm})
            await hall.database["cases"].insert_one({"_id": "odd", "state": "received"})

        town.behind(harmed)
        town.done("backup", "data", str(town.folder / "b"))
        told = town.refused("backup", "check", str(town.folder / "b"))
        assert f"{'f' * 32}: messages name these files" in told
        assert f"{'a' * 32}: the vault never held these keys" in told
        assert "cases: odd have no form" in told
        assert "NOT good" in told


class TestNightly:
    @pytest.fixture(autouse=True)
    def folders(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GUICHET_BACKUPS", str(town.folder / "nightly"))
        monkeypatch.setenv("GUICHET_VAULT_BACKUPS", str(town.folder / "vaults"))

    def test_the_newest_good_ones_stay_and_everything_comes_back_on_an_empty_machine(self, town: Town) -> None:
        for _ in range(3):
            assert "It is good." in town.done("backup", "nightly", "--keep", "2")
        kept = sorted((town.folder / "nightly").glob("data-*"))
        assert len(kept) == 2
        assert len(list((town.folder / "vaults").iterdir())) == 2
        before = town.behind(Hall.everything)
        for database in ("database", "vault_database"):
            town.behind(lambda hall, which=database: hall.database.client.drop_database(getattr(hall, which).name))
        shutil.rmtree(town.folder / "objects")
        folders = (str(kept[-1]), str(max((town.folder / "vaults").iterdir())))
        assert "Start the services." in town.done("restore", "everything", *folders)
        assert town.behind(Hall.everything) == before
        assert "not empty" in town.refused("restore", "everything", *folders)
        shutil.rmtree(town.folder / "objects")
        told = town.refused("restore", "check")
        assert "they are not there" in told
        assert "start nothing" in told

    def test_one_that_is_not_good_lets_no_older_one_go_and_counts_for_none(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def last(hall: Hall) -> datetime | None:
            return await MongoVerifiedBackups(hall.database).last_taken_at()

        assert town.behind(last) is None
        town.done("backup", "nightly", "--keep", "1")
        good = town.behind(last)
        assert good is not None
        town.behind(lambda hall: hall.database["cases"].insert_one({"_id": "odd", "state": "received"}))
        assert "Older backups stay." in town.refused("backup", "nightly", "--keep", "1")
        assert town.behind(last) == good
        assert len(list((town.folder / "nightly").glob("data-*/verified"))) == 1
        assert len(list((town.folder / "nightly").glob("data-*"))) == 2
        with (town.folder / "nightly" / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert "Another backup is being made" in town.refused("backup", "nightly")
        monkeypatch.setenv("GUICHET_BACKUPS", str(town.folder / "no" / "such"))
        assert "GUICHET_BACKUPS names" in town.refused("backup", "nightly")


class TestVault:
    def test_a_lost_vault_comes_back_and_opens_everything(self, town: Town) -> None:
        told = town.done("backup", "vault", str(town.folder / "v"))
        assert "The root-key file is not" in told
        assert not [path for path in (town.folder / "v").iterdir() if b'"1"' in path.read_bytes()]
        town.behind(lambda hall: hall.vault_database.client.drop_database(hall.vault_database.name))
        town.done("restore", "vault", str(town.folder / "v"))

        async def opened(hall: Hall) -> int:
            messages = await hall.database["messages"].find().to_list(None)
            keys = {KeyId(message["content"]["key_id"]) for message in messages}
            return len(keys) - len(await open_vault(hall.opening, clock=SystemClock().now).open_keys(keys))

        assert town.behind(opened) == 0
        town.done("vault", "turn")
        assert town.behind(opened) == 0

    def test_a_vault_that_is_not_lost_is_kept(self, town: Town) -> None:
        town.done("backup", "vault", str(town.folder / "v"))
        assert "The vault is not lost" in town.refused("restore", "vault", str(town.folder / "v"))

    def test_a_rotation_makes_a_backup_worthless(self, town: Town) -> None:
        town.done("backup", "vault", str(town.folder / "v"))
        town.done("vault", "turn")
        told = town.refused("restore", "vault", str(town.folder / "v"), "--replace", "--yes")
        assert "lies under root key 1, the root-key file has 2" in told

    def test_one_from_before_an_erasure_is_refused_and_revives_nothing(self, town: Town) -> None:
        town.done("backup", "vault", str(town.folder / "v"))
        gone = town.behind(lambda hall: hall.finder().find(AMINA)).keys
        town.behind(erase_amina)
        arguments = ("restore", "vault", str(town.folder / "v"), "--replace", "--yes")
        assert "--older-than-an-erasure" in town.refused(*arguments)
        town.done(*arguments, "--older-than-an-erasure")
        assert town.behind(lambda hall: open_vault(hall.opening, clock=SystemClock().now).open_keys(gone)) == {}
        assert len(town.behind(lambda hall: MongoErasureLedger(hall.vault_database).all())) == 1

    def test_every_rotation_replaces_the_vaults_backup(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = town.folder / "vaults"
        monkeypatch.setenv("GUICHET_VAULT_BACKUPS", str(folder))
        for _ in range(4):
            town.done("vault", "turn")
        assert len(list(folder.iterdir())) == 2
        newest = max(folder.iterdir())
        town.behind(lambda hall: hall.vault_database.client.drop_database(hall.vault_database.name))
        town.done("restore", "vault", str(newest))
        town.done("vault", "turn")


class TestSecondCopy:
    """`guichet restore vault` takes the copy as it takes a backup; `guichet vault copy` says how it is."""

    @pytest.fixture
    def copy(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = town.folder / "copy"
        monkeypatch.setenv("GUICHET_VAULT_COPY", str(folder))
        monkeypatch.setenv("GUICHET_VAULT_BACKUPS", str(town.folder / "vaults"))
        return folder

    def test_a_lost_vault_comes_back_from_the_newest_with_the_key_of_a_moment_ago(self, town: Town, copy: Path) -> None:
        async def made(hall: Hall) -> KeyId:
            async with _kept(hall, copy):
                [key] = await open_vault(hall.opening, clock=SystemClock().now).new_keys(1)
                return key.key_id

        key = town.behind(made)
        town.done("backup", "vault", str(town.folder / "older"))
        again = town.behind(made)
        town.behind(lambda hall: hall.vault_database.client.drop_database(hall.vault_database.name))
        assert "is newer" in town.refused("restore", "vault", str(town.folder / "older"))
        town.done("restore", "vault")
        opened = town.behind(lambda hall: open_vault(hall.opening, clock=SystemClock().now).open_keys([key, again]))
        assert all(each.is_held for each in opened.values())
        town.done("restore", "vault", str(town.folder / "older"), "--replace", "--yes", "--not-the-newest")

    def test_a_new_vault_has_nobody_use_a_key_before_there_is_a_copy(
        self, town: Town, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "has no second copy" in town.refused("vault", "copy")
        town.done("vault", "init")
        monkeypatch.setattr(second_copy, "PATIENCE", timedelta(milliseconds=100))
        assert "not kept for now. It holds nothing yet" in town.refused("vault", "copy")
        assert "does not take new keys" in town.refused("vault", "turn")

        async def looked(hall: Hall) -> str:
            async with _kept(hall, copy):
                return await asyncio.to_thread(town.done, "vault", "copy")

        assert "is kept. It holds all until" in town.behind(looked)

    def test_an_empty_folder_is_the_copy_once_an_operator_says_so(self, town: Town, copy: Path) -> None:
        async def kept(hall: Hall) -> None:
            async with _kept(hall, copy):
                return

        town.behind(kept)
        shutil.rmtree(copy)
        town.done("vault", "copy", "--anew")
        town.behind(kept)
        assert [*copy.glob("copy-*")]

    def test_without_copy_and_backup_the_folder_must_be_named(self, town: Town) -> None:
        assert "name no copy and no backup" in town.refused("restore", "vault")


@asynccontextmanager
async def _kept(hall: Hall, folder: Path) -> AsyncIterator[None]:
    clock = SystemClock()
    keeper = CopyKeeper(hall.vault_database, folder, now=clock.now, sleep=clock.sleep)
    async with in_background(keeper.run(), "second copy"):
        await until(lambda: _alive(hall))
        yield


async def _alive(hall: Hall) -> bool:
    state = await CopyRecord(hall.vault_database).state()
    return state is not None and bool(state["alive"])


def test_a_batch_of_raw_documents_is_told_apart() -> None:
    assert list(documents_in(b"\x05\0\0\0\0\x06\0\0\0\x01\0")) == [b"\x05\0\0\0\0", b"\x06\0\0\0\x01\0"]
