import re
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from guichet_local.errors import StartFailedError
from guichet_local.kafka.config import KafkaNode
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.random_id import new_id
from guichet_local.kafka.server import KafkaServer
from guichet_local.kafka.sign_in import broker_security
from guichet_local.machine.certificates import AUTHORITY, SERVER, make_certificates
from guichet_local.machine.ports import free_ports
from guichet_local.machine.process import wait_until
from guichet_local.plan.environment import stack_values
from guichet_topology.ports import PORTS
from guichet_topology.secrets import MAKERS

pytestmark = pytest.mark.real


async def make_topic(server: KafkaServer, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap_servers)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(name, 1, 1)])
        assert answer.topic_errors[0][1] == 0
    finally:
        await admin.close()


async def write(server: KafkaServer, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=server.bootstrap_servers, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def read_one(server: KafkaServer, topic: str) -> bytes:
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=server.bootstrap_servers, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert record.value is not None
    return record.value


async def test_a_record_written_is_read(kafka_server: KafkaServer) -> None:
    await make_topic(kafka_server, "local-stack-round-trip")
    await write(kafka_server, "local-stack-round-trip", b"bonjour")
    assert await read_one(kafka_server, "local-stack-round-trip") == b"bonjour"


async def test_a_confirmed_record_survives_a_power_cut(tmp_path, kafka_installation: KafkaInstallation) -> None:
    server = KafkaServer(tmp_path, KafkaNode(1, *free_ports(2)), kafka_installation)
    try:
        server.start()
        await make_topic(server, "kept")
        await write(server, "kept", b"bonjour")
        server.kill()
        server.start()
        assert await read_one(server, "kept") == b"bonjour"
    finally:
        server.stop()
    assert not server.process.is_alive


def test_a_broker_that_cannot_start_shows_its_last_words(tmp_path, kafka_server: KafkaServer, kafka_installation):
    taken = KafkaNode(1, kafka_server.node.port, free_ports(1)[0])
    second = KafkaServer(tmp_path, taken, kafka_installation)
    second.prepare()
    second.process.start()
    try:
        with pytest.raises(StartFailedError, match="Address already in use"):
            wait_until(lambda: False, "never", check=second.process.raise_if_ended)
    finally:
        second.stop()


def test_what_is_kept_of_a_format_is_what_kafka_s_tool_writes(tmp_path, kafka_installation: KafkaInstallation):
    installation = replace(kafka_installation, folder=tmp_path / "kafka")
    installation.folder.mkdir()
    (installation.folder / "jars").symlink_to(kafka_installation.folder / "jars")
    cluster_id, written = new_id(), []
    for folder in (tmp_path / "by-the-tool", tmp_path / "by-us"):
        KafkaServer(folder, KafkaNode(1, *free_ports(2)), installation, cluster_id=cluster_id).prepare()
        files = {path.name: path.read_bytes() for path in (folder / "data").iterdir()}
        lines = files.pop("meta.properties").decode().splitlines()
        meta = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", meta.pop("directory.id"))
        written.append((files, meta))
    assert written[0] == written[1]


def test_a_cluster_id_is_no_option():
    assert not any(new_id().startswith("-") for _ in range(500))


def test_the_stack_s_broker_is_never_open(tmp_path):
    values = stack_values(tmp_path, dict(PORTS), dict.fromkeys(MAKERS, "x"), {"GUICHET_KAFKA_SECURITY": "plaintext"})
    with pytest.raises(StartFailedError, match="sasl_plaintext or sasl_ssl"):
        broker_security(tmp_path, values)


def test_certificates_are_made_once_and_the_key_is_the_owner_s(tmp_path):
    make_certificates(tmp_path / "tls")
    server = tmp_path / "tls" / SERVER
    first = server.read_text()
    make_certificates(tmp_path / "tls")
    assert server.read_text() == first
    assert server.stat().st_mode & 0o777 == 0o600
    assert first.startswith("-----BEGIN PRIVATE KEY-----")
    assert "PRIVATE KEY" not in (tmp_path / "tls" / AUTHORITY).read_text()
