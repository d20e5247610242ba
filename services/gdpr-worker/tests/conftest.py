"""What a process of gdpr-worker finds: real servers, prepared."""

import base64
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from guichet.clock import SystemClock
from guichet.contracts.topics import TOPICS
from guichet.kafka.admin.topics import create_topics
from guichet.mongo.client import connect, connect_vault
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.setup.schema import prepare
from guichet.vault.setup import initialise_vault
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.shared_phone import REGISTRY_KEY, SECTOR_KEY
from guichet_testing.builders.signers import a_seed, public_keys_folder


class DpoMailbox:
    """An SMTP server that takes every mail. mails: as they came."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        [self.port] = free_ports(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content.decode())
        return "250 2.0.0 ok"


@pytest.fixture
def dpo() -> Iterator[DpoMailbox]:
    """Where the data protection officer's mail arrives."""
    mailbox = DpoMailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    server.start()
    yield mailbox
    server.stop()


@pytest.fixture
async def environment(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path, dpo: DpoMailbox
) -> AsyncIterator[dict[str, str]]:
    """Return the variables of a worker whose parts are all there."""
    vault = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    database, vault_database = (
        connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)),
        connect_vault(vault),
    )
    await prepare(database, clock=SystemClock().now)
    await initialise_vault(vault_database, tmp_path / "root.key", clock=SystemClock().now)
    await create_topics(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers), topics=TOPICS)
    yield {
        **os.environ,
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
        "GUICHET_REGISTRY_KEY": base64.b64encode(REGISTRY_KEY).decode(),
        "GUICHET_SECTOR_KEY": base64.b64encode(SECTOR_KEY).decode(),
        "GUICHET_LEDGER_KEY": base64.b64encode(bytes(32)).decode(),
        "GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(),
        "GUICHET_KEYS_REMEMBERED_FOR": "PT2S",
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_ERASURE_WAITS": "PT1S",
        "GUICHET_SMTP_HOST": "127.0.0.1",
        "GUICHET_SMTP_PORT": str(dpo.port),
        "GUICHET_SMTP_SECURITY": "none",
        "GUICHET_HEALTH_PORT": "0",
        "GUICHET_SIGNING_KEY": base64.b64encode(a_seed("guichet-cli")).decode(),
        **public_keys_folder(tmp_path / "public-keys"),
    }
    database.client.close()
    vault_database.client.close()
