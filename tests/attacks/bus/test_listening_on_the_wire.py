"""Over TLS nothing goes over the wire in clear, and nobody passes for the broker or the store."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure

from guichet.errors import NotAllowedError
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.connection import client_options
from guichet.mongo.client import connect as connect_to_store
from guichet.mongo.client import translated
from guichet.runtime.settings import MongoSettings
from guichet_local.machine.certificates import AUTHORITY, make_certificates
from guichet_local.plan.preparation import Preparation, PrepareStep
from guichet_local.servers import ServerOptions
from guichet_local.stack import LocalStack

pytestmark = [pytest.mark.real]

PATIENCE_S = 10.0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    prepared = Preparation(before=(PrepareStep(("prepare",)),), meanwhile=())
    settings = {"GUICHET_KAFKA_SECURITY": "sasl_ssl"}
    folder = tmp_path_factory.mktemp("tls")
    tls = ServerOptions(mongod_tls=True)
    with LocalStack(folder, services=(), preparation=prepared, settings=settings, server_options=tls) as stack:
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


def test_the_store_s_connection_string_says_tls_and_works_as_it_is(town: LocalStack) -> None:
    uri = (town.folder / "secrets" / "mongodb-admin-uri").read_text()
    assert "tls=true" in uri
    assert "tls=true" in town.environment_of("guichet")["GUICHET_VAULT_MONGODB_URI"]
    with MongoClient[dict[str, Any]](uri) as administrator:
        assert "cases" in administrator.guichet.list_collection_names()


def test_the_store_takes_no_password_in_clear(town: LocalStack) -> None:
    in_clear = town.mongodb_admin_uri.partition("&tls=true")[0]
    with (
        MongoClient[dict[str, Any]](in_clear, serverSelectionTimeoutMS=2000) as client,
        pytest.raises(ConnectionFailure),
    ):
        client.guichet.cases.find_one({})


async def test_a_store_with_another_authority_s_certificate_is_not_believed_and_that_is_told(
    town: LocalStack, tmp_path: Path
) -> None:
    make_certificates(tmp_path)
    uri = town.mongodb_admin_uri.replace(str(town.folder / "tls"), str(tmp_path))
    database = connect_to_store(MongoSettings(mongodb_uri=uri))  # type: ignore[arg-type]
    with pytest.raises(NotAllowedError, match="tlsCAFile"), translated():
        await database["cases"].find_one({})
    database.client.close()


def test_key_and_administrator_are_for_the_owner_alone(town: LocalStack) -> None:
    secret = ("secrets/kafka-admin.properties", "secrets/mongodb-admin-uri", "secrets/mongodb.key")
    for file in ("tls/server.pem", "kafka/server.properties", *secret):
        assert (town.folder / file).stat().st_mode & 0o777 == 0o600, file
