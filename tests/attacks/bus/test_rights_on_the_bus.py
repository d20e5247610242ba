"""A stolen service can do on the broker what that service does, and nothing else: the whole matrix, on the real broker."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from aiokafka.structs import OffsetAndMetadata
from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from guichet.kafka.admin.rights import rights, users
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from guichet_cli.topics.rights import librdkafka_options
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet, run_guichet
from guichet_topology.secrets import KAFKA_PASSWORDS, parse
from tests.attacks.bus.bus_table import EVERY_GROUP, EVERY_TOPIC, WORKERS_AND_DOORS, expected

pytestmark = [pytest.mark.real]

REFUSALS = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}
PATIENCE_S = 15


@pytest.fixture(scope="module")
def broker(servers: LocalStack) -> LocalStack:
    """A broker each of whose topics holds a record, and each of whose groups exists."""
    asyncio.run(fill(servers.kafka_admin))
    return servers


async def fill(admin: KafkaSettings) -> None:
    async with AIOKafkaProducer(**client_options(admin)) as producer:
        for topic in EVERY_TOPIC:
            await producer.send_and_wait(topic, b"{}", partition=0)
    for group in EVERY_GROUP:
        consumer = AIOKafkaConsumer(**client_options(admin), group_id=group, enable_auto_commit=False)
        await consumer.start()
        place = TopicPartition("inbound-email", 0)
        consumer.assign([place])
        await consumer.commit({place: OffsetAndMetadata(0, "")})
        await consumer.stop()


def as_user(broker: LocalStack, user: str) -> KafkaSettings:
    passwords = parse((broker.folder / "secrets" / "secrets.env").read_text())
    said = {"kafka_username": user, "kafka_password": passwords[KAFKA_PASSWORDS[user]]}
    return broker.kafka_admin.model_copy(
        update={"kafka_mechanism": "SCRAM-SHA-256", **KafkaSettings.model_validate(said).model_dump(include=set(said))}
    )


def allowed(kafka: KafkaSettings) -> set[tuple[str, str]]:
    """Ask the broker itself what this user may do, with every topic, every group and the cluster."""
    admin = AdminClient(librdkafka_options(kafka))
    topics = admin.describe_topics(TopicCollection(EVERY_TOPIC), include_authorized_operations=True)
    groups = admin.describe_consumer_groups(EVERY_GROUP, include_authorized_operations=True)
    cluster = admin.describe_cluster(include_authorized_operations=True)
    return {
        *((operation, name) for name, answer in topics.items() for operation in operations(answer)),
        *((operation, f"group:{name}") for name, answer in groups.items() for operation in operations(answer)),
        *((operation, "the cluster") for operation in operations(cluster)),
    }


def operations(answer: "Future[Any]") -> list[str]:
    """Return what the answer lists; nothing where the user may not even ask."""
    refusal = answer.exception(PATIENCE_S)
    if isinstance(refusal, KafkaException) and refusal.args[0].code() in REFUSALS:
        return []
    return [operation.name for operation in answer.result().authorized_operations or ()]


@pytest.mark.parametrize("user", WORKERS_AND_DOORS)
def test_a_stolen_service_may_do_what_the_table_says_and_no_more(broker: LocalStack, user: str) -> None:
    assert allowed(as_user(broker, user)) == {(operation, name) for who, operation, name in expected() if who == user}


def test_the_table_names_every_user() -> None:
    assert set(WORKERS_AND_DOORS) == set(users())


@pytest.mark.parametrize("user", WORKERS_AND_DOORS)
async def test_a_record_is_refused_on_every_topic_that_is_not_its_writer_s(broker: LocalStack, user: str) -> None:
    mine = {name for who, operation, name in expected() if (who, operation) == (user, "WRITE")}
    async with AIOKafkaProducer(**client_options(as_user(broker, user))) as producer:
        for topic in set(EVERY_TOPIC) - mine:
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(topic, b"forged", partition=0)


async def test_what_was_refused_stands_in_the_broker_s_own_log(broker: LocalStack) -> None:
    async with AIOKafkaProducer(**client_options(as_user(broker, "ops-console"))) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("case-commands", b"forged", partition=0)
    log = (broker.folder / "logs" / "kafka.log").read_text()
    assert "Principal = User:ops-console is Denied operation = WRITE from host = 127.0.0.1" in log


@pytest.mark.parametrize("user", WORKERS_AND_DOORS)
async def test_no_topic_is_read_by_whom_it_is_not_for(broker: LocalStack, user: str) -> None:
    mine = {name for who, operation, name in expected() if (who, operation) == (user, "READ")}
    for topic in set(EVERY_TOPIC) - mine:
        consumer = AIOKafkaConsumer(topic, **client_options(as_user(broker, user)), auto_offset_reset="earliest")
        try:
            with pytest.raises(TopicAuthorizationFailedError):
                await first_record(consumer)
        finally:
            await consumer.stop()


async def first_record(consumer: AIOKafkaConsumer) -> None:
    await consumer.start()
    await asyncio.wait_for(consumer.getone(), PATIENCE_S)


def test_rights_that_the_registry_no_longer_gives_are_taken_away(broker: LocalStack) -> None:
    admin = AdminClient(librdkafka_options(broker.kafka_admin))
    surplus = [
        an_acl("User:agent-desk", "privacy-requests", AclOperation.WRITE),  # as a release of before gave it
        an_acl("User:citizen-portal", "something-else", AclOperation.READ),  # of ours, on what is not ours
        an_acl("User:*", "case-commands", AclOperation.WRITE),  # somebody's short cut
        an_acl("User:report", "case-events", AclOperation.READ),
    ]
    others = [
        an_acl("User:report", "water-meters", AclOperation.READ),
        an_acl("User:report", "case-", AclOperation.READ, ResourcePatternType.PREFIXED),
    ]
    await_all(admin.create_acls([*surplus, *others]))
    told = guichet(broker, "topics", "rights")
    assert "(0 given, 4 taken away)" in told
    assert "Taken away: User:* ALLOW WRITE topic case-commands" in told
    assert "Not ours, and reaches what is ours: User:report ALLOW READ topic case-…" in told
    found = set(admin.describe_acls(ANY).result(PATIENCE_S))
    assert found & {*surplus} == set()
    assert found >= {*others}
    assert len(found) == len(rights()) + len(others)
    assert "(0 given, 0 taken away)" in guichet(broker, "topics", "rights")


def test_an_operator_s_commands_do_with_their_rights_and_a_restore_with_the_administrator_s(
    broker: LocalStack, tmp_path: Path
) -> None:
    guichet(broker, "dead-letters", "list")
    guichet(broker, "backup", "data", str(tmp_path / "backup"))
    guichet(broker, "restore", "data", str(tmp_path / "backup"), "--replace", "--yes")
    alone = {"GUICHET_KAFKA_ADMIN_PROPERTIES": ""}
    refused = run_guichet(broker, "topics", "rights", **alone)
    assert refused.returncode == 1
    assert "it takes an administrator, whom GUICHET_KAFKA_ADMIN_PROPERTIES names" in refused.stderr


def test_kafka_s_own_tools_sign_in_with_the_administrator_s_file(broker: LocalStack) -> None:
    file = broker.folder / "secrets" / "kafka-admin.properties"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required" in file.read_text()


ANY = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)


def an_acl(
    principal: str, topic: str, operation: AclOperation, pattern: ResourcePatternType = ResourcePatternType.LITERAL
) -> AclBinding:
    return AclBinding(ResourceType.TOPIC, topic, pattern, principal, "*", operation, AclPermissionType.ALLOW)


def await_all(futures: dict) -> None:
    for future in futures.values():
        future.result(PATIENCE_S)
