"""Of two people one is erased, by the real process on real Kafka and MongoDB: once straight on, once under kills."""

import asyncio
import random
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from pymongo.errors import NetworkTimeout
from typer.testing import CliRunner

from guichet.clock import SystemClock
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.privacy import ErasureCompleted, ErasureRequested
from guichet.contracts.topics import INBOUND, INBOUND_SMS, PRIVACY_EVENTS, PRIVACY_REQUESTS
from guichet.data_subject.assemble import open_finder
from guichet.data_subject.authority import kept
from guichet.ids import AgentId, EventId
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.groupless.whole import read_whole
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import connect, connect_vault
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.messages.document import MessageDocument
from guichet.store.objects import ObstoreObjects
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.root_key.file import RootKeyFile
from guichet.vault.sealing import Thing
from guichet_cli.__main__ import app
from guichet_testing.builders.inbound import sealed_message, sms_content
from guichet_testing.builders.shared_phone import AMINA, AMINA_BEFORE, REGISTRY_KEY, SECTOR_KEY, SharedPhone
from guichet_testing.builders.signers import a_signer
from guichet_testing.forks.popen import fork
from guichet_testing.sealing import unseal_model
from guichet_testing.until import until

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]
ROUTER = "case-router"
RESTING = "guichet_testing.town.misbehaving.resting_gdpr_worker"
SAID_AFTER = tuple(ErasureStep)[1:-2]  # the steps that gdpr-worker takes and writes down when nothing is refused


class Town:
    """Two people, a vault, a ledger; the router is played by whoever commits for it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        root = Path(environment["GUICHET_ROOT_KEY_FILE"])
        mongo = {"mongodb_uri": environment["GUICHET_MONGODB_URI"]}
        self.kafka = KafkaSettings(kafka_bootstrap_servers=environment["GUICHET_KAFKA_BOOTSTRAP_SERVERS"])
        self.database = connect(MongoSettings(mongodb_database=environment["GUICHET_MONGODB_DATABASE"], **mongo))
        self.vault_database = connect_vault(
            OpeningSettings(vault_database=environment["GUICHET_VAULT_DATABASE"], root_key_file=root, **mongo)
        )
        self.ledger = MongoErasureLedger(self.vault_database)
        self.root = root
        self.words: dict[str, str] = {}

    def vault(self) -> MongoVault:
        """Return a vault that remembers nothing."""
        return MongoVault(VaultKeys(self.vault_database), RootKeyFile(self.root), now=SystemClock().now)

    async def insert(self) -> None:
        people = SharedPhone(self.database, self.vault(), ObstoreObjects(self.environment["GUICHET_OBJECTS_URL"]))
        await people.insert()
        self.words = people.words
        await self.router_has_filed_everything()

    async def router_has_filed_everything(self) -> None:
        async with Offsets(self.kafka) as offsets:
            ends = await offsets.ends(await offsets.partitions([topic.name for topic in INBOUND]))
        router = AIOKafkaConsumer(
            bootstrap_servers=self.kafka.kafka_bootstrap_servers, group_id=ROUTER, enable_auto_commit=False
        )
        await router.start()
        router.assign(list(ends))
        await router.commit(ends)
        await router.stop()

    async def a_message_arrives(self) -> None:
        message = await sealed_message(self.vault(), "on-its-way", sms_content("+33639980199"))
        async with KafkaPublisher(self.kafka, "tester") as publisher:
            await publisher.publish(Publication(INBOUND_SMS, message, key="sender"))

    async def entry(self, request: str) -> ErasureEntry | None:
        return await self.ledger.find(EventId(request))

    async def what_is_left(self) -> Any:
        finder = open_finder(self.database, self.vault(), registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)
        return await finder.find(AMINA, AMINA_BEFORE)

    async def destroyed_keys(self) -> dict[str, datetime]:
        found = self.vault_database["keys"].find({"destroyed_at": {"$exists": True}})
        return {document["_id"]: document["destroyed_at"] async for document in found}

    async def words_of(self, name: str) -> str:
        message = MessageDocument.model_validate(await self.database["messages"].find_one({"_id": name}))
        assert message.content is not None
        [key] = (await self.vault().open_keys([message.content.key_id])).values()
        return unseal_model(key, Thing("message", name), "content", message.content, InboundContent).text

    async def completed(self, request: str) -> list[ErasureCompleted]:
        records = [record async for some in read_whole(self.kafka, [PRIVACY_EVENTS.name]) for record in some]
        events = [PRIVACY_EVENTS.events.validate_json(record.value) for record in records]
        return [event for event in events if isinstance(event, ErasureCompleted) and event.request_id == request]

    async def a_killed_turns_lease_ends(self) -> None:
        """In truth it ends by itself, a minute later.

        Killed in a transaction, a process holds it for as long: MongoDB then keeps whoever writes the lease waiting.
        """
        long_ago = {"$set": {"until": datetime(1970, 1, 1, tzinfo=UTC)}}
        async with asyncio.timeout(90):
            while True:
                with suppress(NetworkTimeout):
                    await self.vault_database["turns"].update_one({"_id": "lease"}, long_ago)
                    return


@pytest.fixture
async def town(environment: dict[str, str]) -> AsyncIterator[Town]:
    town = Town(environment)
    await town.insert()
    yield town
    town.database.client.close()
    town.vault_database.client.close()


@contextmanager
def a_process(
    environment: dict[str, str], log: Path, module: str = "gdpr_worker"
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as said:
        process = fork(module, environment=environment, stderr=said)
    try:
        yield process
    finally:
        process.terminate()  # a process that is killed stays in its group for a while, and a restore would see it run
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()
        process.wait()


def request_in(said: str) -> str:
    """Return the request that `guichet erase` names when it has asked for the erasure."""
    [request] = re.findall(r"^Erasure (\S+); it goes on", said, re.MULTILINE)
    return request


async def reaches(town: Town, request: str, wanted: Any) -> ErasureEntry:
    """Return the entry as soon as `wanted` holds of it."""

    async def entry() -> ErasureEntry | None:
        found = await town.entry(request)
        return found if found is not None and wanted(found) else None

    return await until(entry, "the entry is as it is wanted", seconds=120)


async def assert_she_is_gone_and_he_is_not(town: Town) -> None:
    assert (await town.what_is_left()).is_empty
    for name in ("bruno-roads", "bruno-unfiled"):
        assert await town.words_of(name) == town.words[name]
    for name in ("amina-roads", "amina-unfiled", "bruno-in-hers"):  # what he wrote in her case went with it
        tombstone = await town.database["messages"].find_one({"_id": name})
        assert tombstone is not None
        assert set(tombstone) == {"_id", "erased_at"}


async def test_an_operator_has_her_erased_and_gets_the_certificate(
    town: Town, dpo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in town.environment.items():
        monkeypatch.setenv(name, value)
    await town.a_message_arrives()  # and the router has not filed it

    def guichet(*arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments))

    with a_process(town.environment, tmp_path / "log"):
        asked = await asyncio.to_thread(
            guichet, "erase", AMINA, "--decision", "DPO-1", "--visa", "AD-1", "--yes", "--detach"
        )
        assert asked.exit_code == 0, asked.output
        request = request_in(asked.output)
        diverted = await reaches(town, request, lambda entry: entry.step is ErasureStep.DIVERTED)
        await asyncio.sleep(4)  # keys are forgotten long since; only the router holds it up
        waiting = await town.entry(request)
        assert waiting == diverted
        await town.router_has_filed_everything()
        followed = await asyncio.to_thread(guichet, "erase", AMINA, "--decision", "DPO-1", "--yes")
    assert followed.exit_code == 0, followed.output
    assert "is not finished: diverted" in followed.output
    assert "certified" in followed.output
    printed = guichet_certificate = await asyncio.to_thread(guichet, "erase", "--certificate", request)
    assert printed.exit_code == 0, printed.output
    assert guichet_certificate.output.strip() in followed.output
    assert "AD-1" in printed.output
    assert "Clés détruites le" in printed.output
    again = await asyncio.to_thread(guichet, "erase", AMINA, "--decision", "DPO-1", "--yes")
    assert (again.exit_code, f"--certificate {request}" in again.output) == (1, True)
    assert len(await town.completed(request)) == 1
    [mail] = dpo.mails
    assert all(part in mail for part in (f"guichet erase --cancel {request}", "DPO-1", "To: dpo@mairie.example"))
    assert not [part for part in (AMINA, "amina", "Amina") if part in mail], "the DPO's mail names the person"
    await assert_she_is_gone_and_he_is_not(town)


def may_be_killed(entry: ErasureEntry, killed_at: list[str]) -> bool:
    """Once after each step, twice while it waits at the barrier; not before anything is done."""
    often = {ErasureStep.RECORDED: 0, ErasureStep.DIVERTED: 2}.get(entry.step, 1)
    return killed_at.count(entry.step) < often


async def test_killed_at_random_again_and_again_it_ends_complete_and_once(town: Town, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    chance, killed_at = random.Random(seed), list[str]()
    request = f"request-{seed}"
    asked = ErasureRequested(
        event_id=EventId(request),
        occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
        citizen=AMINA,
        requested_by=AgentId("operator:jo"),
        decision="DPO-1",
        visa="AD-1",
    )
    signed = a_signer("guichet-cli").sign(PRIVACY_REQUESTS.name, request.encode(), asked.model_dump_json().encode())
    await town.ledger.add(ErasureEntry.of(asked, kept(signed)))
    (rests := tmp_path / "rests").mkdir()
    for step in SAID_AFTER:
        (rests / step).touch()
    environment = town.environment | {"GUICHET_GDPR_WORKER_RESTS_BY": str(rests)}
    first_dates: dict[str, datetime] = {}
    while True:
        with a_process(environment, tmp_path / "log", RESTING) as process:
            entry = await reaches(town, request, lambda entry: entry.finished or may_be_killed(entry, killed_at))
            if entry.finished:
                break
            (rests / entry.step).unlink(missing_ok=True)  # from here on it works, towards the next step at most
            await asyncio.sleep(chance.random() * 0.04)
            process.kill()
            process.wait()
        killed_at.append(entry.step)
        first_dates = {**await town.destroyed_keys(), **first_dates}
        await town.a_killed_turns_lease_ends()
    assert sorted(killed_at) == sorted([*SAID_AFTER, ErasureStep.DIVERTED]), f"seed {seed}"
    now = await town.destroyed_keys()
    assert {key: now[key] for key in first_dates} == first_dates, f"seed {seed}"
    certificate = (await reaches(town, request, lambda entry: entry.finished)).certificate
    assert certificate is not None
    assert certificate.counts["cases"] == 4, f"seed {seed}: {certificate.counts}"
    assert sum(line.count for line in certificate.slip) == 4
    assert len({event.event_id for event in await town.completed(request)}) == 1, f"seed {seed}"
    assert await town.database["audit"].count_documents({"things": request}) == 1
    await assert_she_is_gone_and_he_is_not(town)


async def test_an_operator_cancels_an_erasure_that_waits_and_nothing_is_done(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.environment["GUICHET_ERASURE_WAITS"] = "PT1H"
    for name, value in town.environment.items():
        monkeypatch.setenv(name, value)
    before = await town.what_is_left()

    async def guichet(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, ["erase", *arguments])

    with a_process(town.environment, tmp_path / "log"):
        asked = await guichet(AMINA, "--decision", "DPO-1", "--visa", "AD-1", "--yes", "--detach")
        request = request_in(asked.output)
        await reaches(town, request, lambda entry: entry.step is ErasureStep.WAITING)
        shown = await guichet(AMINA, "--dry-run")
        assert f"guichet erase --cancel {request}" in shown.output
        stopped = await guichet("--cancel", request)
        assert (stopped.exit_code, "was cancelled at" in stopped.output) == (0, True), stopped.output
        again = await guichet("--cancel", request)
        assert (again.exit_code, "was cancelled already" in again.output) == (1, True), again.output
    assert await town.what_is_left() == before
    entry = await town.entry(request)
    assert entry is not None
    assert (entry.step, entry.citizen) == (ErasureStep.CANCELLED, None)
