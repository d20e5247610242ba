"""ingest-social as a process: it hosts what the town switched on, and needs nothing for what it did not."""

import shutil
from pathlib import Path

import httpx
import pytest

from guichet.contracts.topics import INBOUND_SOCIAL
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.real.adapter_process import AdapterProcess


@pytest.fixture
def town_without_telegram(tmp_path: Path) -> Path:
    town = tmp_path / "town"
    shutil.copytree(EXAMPLE_TOWN, town, ignore=shutil.ignore_patterns("tests"))
    channels = town / "channels.yaml"
    kept = [line for line in channels.read_text().splitlines() if not line.strip().startswith("telegram:")]
    channels.write_text("\n".join(kept))
    return town


@pytest.mark.real
async def test_a_town_without_telegram_needs_no_secret_of_telegram_s(
    kafka_server: KafkaServer,
    mongo_server: MongoServer,
    mongo_database: str,
    tmp_path: Path,
    town_without_telegram: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TOKEN", "WEBHOOK_SECRET", "API_URL", "PUBLIC_URL"):
        monkeypatch.delenv(f"GUICHET_TELEGRAM_{name}", raising=False)
    http_port, health_port = free_ports(2)
    more = {"HTTP_PORT": str(http_port), "TOWN": str(town_without_telegram)}
    async with (
        AdapterProcess(
            "ingest_social", INBOUND_SOCIAL, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database,
            tmp_path, health_port, more,
        ) as adapter,
        httpx.AsyncClient(trust_env=False) as client,
    ):  # fmt: skip
        assert (await client.get(f"http://127.0.0.1:{health_port}/health/ready")).status_code == 200
        with pytest.raises(httpx.ConnectError):
            await client.post(f"http://127.0.0.1:{http_port}/webhooks/telegram")
        assert await adapter.stop() == 0


@pytest.mark.real
async def test_a_town_with_telegram_is_told_every_variable_that_it_lacks(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    adapter = AdapterProcess(
        "ingest_social", INBOUND_SOCIAL, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database,
        tmp_path, free_ports(1)[0], {"TOWN": str(EXAMPLE_TOWN), "TELEGRAM_TOKEN": "1:t"},
    )  # fmt: skip
    with pytest.raises(AssertionError) as ended:
        async with adapter:
            pytest.fail("it started")
    assert "GUICHET_TELEGRAM_WEBHOOK_SECRET is not set" in str(ended.value)
    assert "GUICHET_TELEGRAM_PUBLIC_URL is not set" in str(ended.value)
