"""The desk as a process of its own, on real Kafka, mongod, vault and files, with a busy morning's cases."""

import asyncio
import os
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from guichet.clock import SystemClock
from guichet.contracts.topics import CASE_COMMANDS, CASE_EVENTS, INBOUND_DESK
from guichet.ids import AgentId
from guichet.kafka.admin.topics import create_topics
from guichet.mongo.client import Database, connect, connect_vault
from guichet.privacy.passwords import hash_password
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts
from guichet.store.cases.store import MongoCaseStore
from guichet.store.messages.store import MongoMessageStore
from guichet.store.objects import ObstoreObjects
from guichet.store.registry.citizens import MongoCitizenStore
from guichet.store.registry.identifiers import MongoIdentifierStore
from guichet.store.setup.schema import prepare
from guichet.vault.mongo_vault import open_vault
from guichet.vault.setup import initialise_vault
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.quick_passwords import QUICK
from guichet_testing.builders.signers import a_seed
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.doors.filled_hall import KEY
from guichet_testing.forks.popen import fork

STARTS_WITHIN_S = 40


@dataclass
class RunningDesk:
    """The process, what lies in its stores, and where the broker is. karim.haddad alone has an account."""

    url: str
    database: Database
    cases: dict[str, Any]
    kafka: KafkaSettings
    process: subprocess.Popen[bytes]
    module: str
    environment: dict[str, str]


@asynccontextmanager
async def running_desk(
    kafka_server: Any, mongo_server: Any, mongo_database: str, folder: Path, *, quick: bool = False, **more: str
) -> AsyncIterator[RunningDesk]:
    """Run a desk while the block lasts. more: further variables of its environment.

    quick: a check of a password costs next to nothing.
    """
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    opening = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=folder / "root.key"
    )
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    await initialise_vault(connect_vault(opening), folder / "root.key", clock=SystemClock().now)
    await create_topics(kafka, topics=[CASE_EVENTS, CASE_COMMANDS, INBOUND_DESK])
    hall = TownHall(
        vault=open_vault(opening, clock=SystemClock().now), objects=ObstoreObjects((folder / "objects").as_uri())
    )
    cases = await a_busy_morning(hall)
    await keep(hall, database, QUICK.hash(PASSWORD) if quick else hash_password(PASSWORD))
    port, health_port = free_ports(2)
    key = b64encode(KEY).decode()
    environment = os.environ | {
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(folder / "root.key"),
        "GUICHET_OBJECTS_URL": (folder / "objects").as_uri(),
        "GUICHET_SEARCH_FILES": str(folder / "search"),
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_HTTP_PORT": str(port),
        "GUICHET_HEALTH_PORT": str(health_port),
        "GUICHET_DESK_URL": f"http://127.0.0.1:{port}",
        "GUICHET_DESK_SECOND_FACTOR": "optional",
        "GUICHET_DESK_UNDO_SECONDS": "0",
        "GUICHET_MESSAGE_ID_KEY": key,
        "GUICHET_INGEST_PSEUDONYM_KEY": key,
        "GUICHET_SECTOR_KEY": key,
        "GUICHET_SESSION_KEY": key,
        "GUICHET_SIGNING_KEY": b64encode(a_seed("agent-desk")).decode(),
        **more,
    }
    module = "guichet_testing.doors.quick_desk" if quick else "agent_desk"
    async with _process(module, environment, health_port) as process:
        yield RunningDesk(f"http://127.0.0.1:{port}", database, cases, kafka, process, module, environment)


@asynccontextmanager
async def another_desk(desk: RunningDesk) -> AsyncIterator[str]:
    """Run a second process of the same desk while the block lasts; its address."""
    port, health_port = free_ports(2)
    environment = desk.environment | {"GUICHET_HTTP_PORT": str(port), "GUICHET_HEALTH_PORT": str(health_port)}
    async with _process(desk.module, environment, health_port):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def _process(
    module: str, environment: dict[str, str], health_port: int
) -> AsyncIterator[subprocess.Popen[bytes]]:
    process = fork(module, environment=environment)
    try:
        await is_ready(health_port, process)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def keep(hall: TownHall, database: Database, password_hash: str) -> None:
    """Put what the town hall holds into the real collections. password_hash: of the one account."""
    await MongoCaseStore(database).insert_new(list(hall.cases.cases.values()))
    for message in hall.messages.messages.values():
        await MongoMessageStore(database).insert_outbound(message)
    await MongoCitizenStore(database).insert_new(hall.registry.citizens)
    await MongoIdentifierStore(database).insert_new(hall.registry.identifiers)
    accounts = [AgentAccount(_id=AgentId("agent-12"), password_hash=password_hash, created_at=ARRIVED)]
    await MongoAgentAccounts(database).insert_missing(accounts)


async def is_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the desk's health page says so."""
    async with asyncio.timeout(STARTS_WITHIN_S), httpx.AsyncClient(trust_env=False) as prober:
        while True:
            assert process.poll() is None, "the desk ended"
            try:
                if (await prober.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


def hidden(page: httpx.Response, name: str) -> str:
    """Return a hidden field's value."""
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]


async def tries_to_sign_in(browser: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    """Open the sign-in page, fill it in and send it."""
    page = await browser.get("/connexion")
    form = {"form_token": hidden(page, "form_token"), "name": name, "password": password, "vers": ""}
    return await browser.post("/connexion", data=form)
