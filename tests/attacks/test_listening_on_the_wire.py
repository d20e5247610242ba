"""With GUICHET_KAFKA_SECURITY=sasl_ssl nothing goes over the wire in clear, and nobody passes for the broker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from guichet.kafka.sign_in import client_options
from guichet.kafka.topics import create_topics
from guichet_local.authority import AUTHORITY, make_certificates
from guichet_local.prepare_steps import Preparation, PrepareStep
from guichet_local.stack import LocalStack

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("attacks-bus")]

PATIENCE_S = 10.0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    rights = Preparation(before=(PrepareStep(("topics", "rights")),), meanwhile=())
    settings = {"GUICHET_KAFKA_SECURITY": "sasl_ssl"}
    folder = tmp_path_factory.mktemp("tls")
    with LocalStack(folder, services=(), preparation=rights, settings=settings) as stack:
        yield stack


async def connect(**options: object) -> None:
    async with asyncio.timeout(PATIENCE_S), AIOKafkaProducer(**options):
        pass


async def test_over_tls_the_stack_is_prepared_and_used_as_ever(town: LocalStack) -> None:
    assert town.environment_of("guichet")["GUICHET_KAFKA_CA_FILE"] == str(town.folder / "tls" / AUTHORITY)
    await create_topics(town.kafka_admin)
    await connect(**client_options(town.kafka_admin))


async def test_a_client_that_would_send_its_password_in_clear_gets_nowhere(town: LocalStack) -> None:
    in_clear = town.kafka_admin.model_copy(update={"kafka_security": "sasl_plaintext"})
    with pytest.raises((KafkaError, TimeoutError)):
        await connect(**client_options(in_clear))


async def test_a_broker_with_another_authority_s_certificate_is_not_believed(town: LocalStack, tmp_path: Path) -> None:
    make_certificates(tmp_path)
    elsewhere = town.kafka_admin.model_copy(update={"kafka_ca_file": tmp_path / AUTHORITY})
    with pytest.raises((KafkaError, TimeoutError)):
        await connect(**client_options(elsewhere))


def test_key_and_administrator_are_for_the_owner_alone(town: LocalStack) -> None:
    for file in ("tls/server.pem", "secrets/kafka-admin.properties", "kafka/server.properties"):
        assert (town.folder / file).stat().st_mode & 0o777 == 0o600, file
