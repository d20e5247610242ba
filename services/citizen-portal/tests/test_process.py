"""The portal as a process, on real Kafka, mongod, vault and files: thanked once the broker holds the message."""

import asyncio
import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from guichet.clock import SystemClock
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import INBOUND_PORTAL
from guichet.kafka.admin.topics import create_topics
from guichet.mongo.client import Database, connect, connect_vault
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.follow_views.store import MongoFollowViews
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.schema import prepare
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import Vault
from guichet.vault.sealing import Thing
from guichet.vault.setup import initialise_vault
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.portal_on_twins import KEY, Counter
from guichet_testing.forks.popen import fork
from guichet_testing.sealing import unseal_attachment, unseal_model
from guichet_testing.until import PATIENCE_S

pytestmark = pytest.mark.real


@dataclass
class RunningPortal:
    """The process and what is behind it. token: of a follow link."""

    url: str
    token: str
    vault: Vault
    objects: ObstoreObjects
    kafka: KafkaSettings
    database: Database
    process: subprocess.Popen[bytes]


@pytest.fixture
async def running(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[RunningPortal]:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    opening = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    await initialise_vault(connect_vault(opening), tmp_path / "root.key", clock=SystemClock().now)
    await create_topics(kafka, topics=[INBOUND_PORTAL])
    counter = Counter()
    token = await counter.follow_case("C’est réparé.")
    await MongoFollowViews(database).put(list(counter.views.views.values()))
    port, health_port = free_ports(2)
    key = b64encode(KEY).decode()
    environment = os.environ | {
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_HTTP_PORT": str(port),
        "GUICHET_HEALTH_PORT": str(health_port),
        "GUICHET_PORTAL_URL": f"http://127.0.0.1:{port}",
        "GUICHET_MESSAGE_ID_KEY": key,
        "GUICHET_INGEST_PSEUDONYM_KEY": key,
        "GUICHET_PORTAL_FORM_KEY": key,
    }
    with (tmp_path / "portal.log").open("wb") as log:
        process = fork("citizen_portal", environment=environment, stderr=log)
    url = f"http://127.0.0.1:{port}"
    await is_ready(health_port, process)
    objects = ObstoreObjects((tmp_path / "objects").as_uri())
    yield RunningPortal(url, token, open_vault(opening, clock=SystemClock().now), objects, kafka, database, process)
    if process.poll() is None:
        process.kill()
        process.wait()


async def is_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as prober:
        while True:
            assert process.poll() is None, "the portal ended"
            try:
                if (await prober.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


async def test_a_citizen_writes_follows_and_leaves_no_trace_in_the_log(running: RunningPortal, tmp_path: Path):
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as browser:
        mark = (await browser.get("/")).text.split('name="mark" value="')[1].split('"')[0]
        form = {
            "mark": mark, "name": "Jeanne Moreau", "email": "jeanne@courriel.example", "phone": "", "website": "",
            "subject": "Lampadaire", "message": "Il clignote.",
        }  # fmt: skip
        files = [("files", ("photo.jpg", b"\xff\xd8photo", "image/jpeg"))]
        assert (await browser.post("/", data=form, files=files)).status_code == 303
        page = await browser.get(f"/suivi/{running.token}")
        assert "C’est réparé." in page.text
        assert (await browser.get(f"/suivi/{running.token}x")).status_code == 404
    event = await first_message(running)
    key = (await running.vault.open_keys([event.content.key_id]))[event.content.key_id]
    content = unseal_model(key, Thing("message", event.message_id), "content", event.content, InboundContent)
    assert (content.subject, content.text) == ("Lampadaire", "Il clignote.")
    (attachment,) = event.attachments
    box = await running.objects.get(attachment.attachment_id)
    assert unseal_attachment(key, event.message_id, attachment.attachment_id, box) == b"\xff\xd8photo"
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.process.wait, 15) == 0
    logged = (tmp_path / "portal.log").read_text()
    assert event.message_id in logged
    assert [word for word in ("jeanne", "Moreau", "Lampadaire", "clignote", running.token) if word in logged] == []


async def test_no_follow_page_is_read_without_an_entry(running: RunningPortal):
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as citizen:
        assert (await citizen.get(f"/suivi/{running.token}")).status_code == 200
        assert (await citizen.get(f"/suivi/{running.token}x")).status_code == 404
    entries = [entry async for entry in running.database["audit"].find()]
    assert [(entry["act"], entry["thing"], entry["agent"]) for entry in entries] == [
        ("followed", "case", None),
        ("not-found", "follow-link", None),
    ]
    assert [len(entry["things"]) for entry in entries] == [1, 0]
    assert running.token not in str(entries)


async def first_message(running: RunningPortal) -> Any:
    consumer = AIOKafkaConsumer(
        INBOUND_PORTAL.name,
        bootstrap_servers=running.kafka.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            record = await consumer.getone()
    finally:
        await consumer.stop()
    return INBOUND_PORTAL.events.validate_json(record.value)
