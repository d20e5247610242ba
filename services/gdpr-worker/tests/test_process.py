"""The worker as a process, on real Kafka and a real mongod: it starts, is ready, stops in order."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from guichet.contracts.topics import TOPICS
from guichet.kafka.topics import create_topics
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.client import connect, connect_vault
from guichet.store.preparation import prepare
from guichet.store.vault_setup import initialise_vault
from guichet.testing.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
async def environment(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[dict[str, str]]:
    """Return the variables of a worker whose parts are all there."""
    vault = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    database, vault_database = (
        connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)),
        connect_vault(vault),
    )
    await prepare(database)
    await initialise_vault(vault_database, tmp_path / "root.key")
    await create_topics(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers), topics=TOPICS)
    yield {
        **os.environ,
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
        "GUICHET_HTTP_PORT": "0",
    }
    database.client.close()
    vault_database.client.close()


async def test_it_stops_in_order_and_without_a_word_of_an_error(environment: dict[str, str], tmp_path: Path):
    log = tmp_path / "gdpr-worker.log"
    with log.open("wb") as said:
        worker = subprocess.Popen([sys.executable, "-m", "gdpr_worker"], env=environment, stderr=said)
    try:
        await until(lambda: '"event": "first start"' in log.read_text() and '"event": "serving"' in log.read_text(), 40)
        beginning = len(log.read_text())
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 40) == 0
    finally:
        worker.kill()
    lines = [json.loads(line) for line in log.read_text()[beginning:].splitlines()]
    assert [line for line in lines if line["level"] in ("error", "critical")] == []
    assert lines[-1]["event"] == "stopped"
