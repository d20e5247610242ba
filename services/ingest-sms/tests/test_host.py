"""ingest-sms as a process: it hosts what the town switched on, and needs nothing for what it did not."""

import shutil
from pathlib import Path

import httpx
import pytest
import yaml

from guichet.contracts.topics import INBOUND_SMS
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.real.adapter_process import AdapterProcess


def town_with(folder: Path, *, without: tuple[str, ...]) -> Path:
    """Return a copy of the example town that has no such channels."""
    town = folder / "town"
    shutil.copytree(EXAMPLE_TOWN, town, ignore=shutil.ignore_patterns("tests"))
    channels = town / "channels.yaml"
    kept = {
        name: policy for name, policy in yaml.safe_load(channels.read_text())["channels"].items() if name not in without
    }
    channels.write_text(yaml.safe_dump({"channels": kept}))
    return town


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "API_URL", "NUMBER", "PUBLIC_URL"):
        monkeypatch.delenv(f"GUICHET_TWILIO_{name}", raising=False)


@pytest.mark.real
async def test_a_town_without_sms_and_whatsapp_needs_no_secret_of_twilio_s(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    http_port, health_port = free_ports(2)
    more = {"HTTP_PORT": str(http_port), "TOWN": str(town_with(tmp_path, without=("sms", "whatsapp")))}
    async with (
        AdapterProcess(
            "ingest_sms", INBOUND_SMS, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database, tmp_path,
            health_port, more,
        ) as adapter,
        httpx.AsyncClient(trust_env=False) as client,
    ):  # fmt: skip
        with pytest.raises(httpx.ConnectError):
            await client.post(f"http://127.0.0.1:{http_port}/webhooks/twilio/messages")
        assert await adapter.stop() == 0


@pytest.mark.real
async def test_a_town_with_one_of_them_is_told_every_variable_that_it_lacks(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    more = {"TOWN": str(town_with(tmp_path, without=("sms",))), "TWILIO_ACCOUNT_SID": "AC1"}
    adapter = AdapterProcess(
        "ingest_sms", INBOUND_SMS, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database, tmp_path,
        free_ports(1)[0], more,
    )  # fmt: skip
    with pytest.raises(AssertionError) as ended:
        async with adapter:
            pytest.fail("it started")
    for variable in ("AUTH_TOKEN", "NUMBER", "PUBLIC_URL"):
        assert f"GUICHET_TWILIO_{variable} is not set" in str(ended.value)
