"""The desk as a process, on real Kafka, mongod, vault and files: live, answered, confirmed by the broker."""

import asyncio
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from agent_desk_testing.busy_morning import a_busy_morning
from agent_desk_testing.town_hall import EXAMPLE_TOWN, KEY, PASSWORD, TownHall
from guichet.contracts.case_commands import SendReply
from guichet.contracts.case_events import CaseClosed
from guichet.contracts.topics import CASE_COMMANDS, CASE_EVENTS
from guichet.ids import AgentId, CaseId, EventId
from guichet.kafka.publisher import KafkaPublisher, Publication
from guichet.kafka.topics import create_topics
from guichet.privacy.passwords import hash_password
from guichet.privacy.signing import Signed
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.agents import AgentAccount, MongoAgentAccounts
from guichet.store.audit import Act, MongoAuditTrail
from guichet.store.cases import MongoCaseStore
from guichet.store.citizens import MongoCitizenStore
from guichet.store.client import Database, connect, connect_vault
from guichet.store.identifiers import MongoIdentifierStore
from guichet.store.messages import MongoMessageStore
from guichet.store.objects import ObstoreObjects
from guichet.store.preparation import prepare
from guichet.store.vault import open_vault
from guichet.store.vault_setup import initialise_vault
from guichet.testing.a_case import ARRIVED
from guichet.testing.signing import a_seed, a_verifier
from guichet_local.ports import free_ports

pytestmark = pytest.mark.real


@dataclass
class RunningDesk:
    """The process, what lies in its stores, and where the broker is."""

    url: str
    database: Database
    cases: dict[str, Any]
    kafka: KafkaSettings
    process: subprocess.Popen[bytes]


@pytest.fixture
async def running(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[RunningDesk]:
    mongo = MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    opening = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    database = connect(mongo)
    await prepare(database)
    await initialise_vault(connect_vault(opening), tmp_path / "root.key")
    await create_topics(kafka, topics=[CASE_EVENTS, CASE_COMMANDS])
    hall = TownHall(vault=open_vault(opening), objects=ObstoreObjects((tmp_path / "objects").as_uri()))  # type: ignore[arg-type]
    cases = await a_busy_morning(hall)
    await keep(hall, database)
    port, health_port = free_ports(2)
    key = b64encode(KEY).decode()
    environment = os.environ | {
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
        "GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_HTTP_PORT": str(port),
        "GUICHET_HEALTH_PORT": str(health_port),
        "GUICHET_DESK_URL": f"http://127.0.0.1:{port}",
        "GUICHET_SECTOR_KEY": key,
        "GUICHET_SESSION_KEY": key,
        "GUICHET_SIGNING_KEY": b64encode(a_seed("agent-desk")).decode(),
    }
    process = subprocess.Popen([sys.executable, "-m", "agent_desk"], env=environment)
    url = f"http://127.0.0.1:{port}"
    await is_ready(health_port, process)
    yield RunningDesk(url, database, cases, kafka, process)
    if process.poll() is None:
        process.kill()
        process.wait()


async def keep(hall: TownHall, database: Database) -> None:
    """Put what the town hall holds into the real collections."""
    await MongoCaseStore(database).insert_new(list(hall.cases.cases.values()))
    for message in hall.messages.messages.values():
        await MongoMessageStore(database).insert_outbound(message)
    await MongoCitizenStore(database).insert_new(hall.registry.citizens)
    await MongoIdentifierStore(database).insert_new(hall.registry.identifiers)
    accounts = [AgentAccount(_id=AgentId("agent-12"), password_hash=hash_password(PASSWORD), created_at=ARRIVED)]
    await MongoAgentAccounts(database).insert_missing(accounts)


async def is_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(40), httpx.AsyncClient() as prober:
        while True:
            assert process.poll() is None, "the desk ended"
            try:
                if (await prober.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


async def signed_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/connexion")
    form = {"form_token": hidden(page, "form_token"), "name": "karim.haddad", "password": PASSWORD}
    assert (await browser.post("/connexion", data=form)).status_code == 303


def hidden(page: httpx.Response, name: str) -> str:
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]


async def test_an_agent_reads_hears_and_answers(running: RunningDesk):
    hole = running.cases["hole"]
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as browser:
        await signed_in(browser)
        assert "Jeanne Moreau" in (await browser.get("/demandes")).text
        page = await browser.get(f"/demandes/{hole.reference}")
        assert "À gauche en sortant" in page.text
        assert "jeanne.moreau@courriel.example" in page.text
        file = await browser.get(f"/demandes/{hole.reference}/fichiers/{hole.opened_by}/1")
        assert file.content.startswith(b"\xff\xd8\xff")
        assert (await browser.get(f"/demandes/{running.cases['social'].reference}")).status_code == 404

        seen = page.text.split("/direct?vu=")[1].split('"')[0]
        async with browser.stream("GET", f"/demandes/{hole.reference}/direct?vu={seen}") as stream:
            await publish_a_change(running, hole)
            async with asyncio.timeout(20):
                assert "event: changed" in [line async for line in first_event(stream)]

        form = {"form_token": hidden(page, "form_token"), "once": hidden(page, "once"), "text": "Nous passons demain."}
        assert (await browser.post(f"/demandes/{hole.reference}/reponse", data=form)).status_code == 303
    command = await the_answer(running, hole.case_id)
    (kept,) = (await MongoMessageStore(running.database).find_many([command.outbound_id])).values()
    assert (kept.filed, kept.author) == (hole.case_id, "agent-12")
    acts = [entry.act for entry in await MongoAuditTrail(running.database).by(AgentId("agent-12"))]
    assert {Act.SIGNED_IN, Act.LISTED, Act.READ, Act.NOT_FOUND, Act.REPLIED} <= set(acts)


async def test_it_stops_when_told_even_with_a_page_open(running: RunningDesk):
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as browser:
        await signed_in(browser)
        async with browser.stream("GET", "/demandes/direct?vu=elsewhere") as stream:
            assert "event: changed" in [line async for line in first_event(stream)]
            running.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(running.process.wait, 15) == 0


async def publish_a_change(running: RunningDesk, case: Any) -> None:
    event = CaseClosed(
        event_id=EventId(f"test-{case.case_id}"),
        occurred_at=ARRIVED,
        case_id=case.case_id,
        reference=case.reference,
        version=8,
        caused_by="test",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        by=AgentId("agent-12"),
    )
    async with KafkaPublisher(running.kafka, "tester") as publisher:
        await publisher.publish(Publication(CASE_EVENTS, event))


async def first_event(stream: httpx.Response) -> AsyncIterator[str]:
    async for line in stream.aiter_lines():
        if line.startswith("event:"):
            yield line
            return


async def the_answer(running: RunningDesk, case: CaseId) -> SendReply:
    """Return the answer that the desk published; other tests' commands may lie on the same topic."""
    consumer = AIOKafkaConsumer(
        CASE_COMMANDS.name, bootstrap_servers=running.kafka.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            while True:
                record = await consumer.getone()
                command = CASE_COMMANDS.events.validate_json(record.value)
                if isinstance(command, SendReply) and command.case_id == case:
                    break
    finally:
        await consumer.stop()
    signed = Signed.of(record.topic, record.key, record.value, record.headers)
    assert a_verifier().verify(signed, CASE_COMMANDS).producer == "agent-desk"
    return command
