"""What a third party's package has in hand: its own variables, and rights that its host's work needs; tried for real."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    NewTopic,
)
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure

from guichet.contracts.topics import INBOUND_THIRD_PARTY, TOPICS
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from guichet_cli.topics.rights import librdkafka_options
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet, run_guichet
from guichet_testing.town.third_parties import VANDAL, ThirdParties
from guichet_testing.town.town import Town
from tests.attacks.channels.thief import as_host, root_key_of, secrets_of, store_as_host

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

EVERY_TOPIC = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
OWN_TOPIC = INBOUND_THIRD_PARTY.name
SEEN_BY_WHO_SEALS = ("sealing_keys", "copies")  # public halves, and until when the vault's second copy holds everything
OWN_SECRETS = "_INGEST_VANDAL"
CITIZEN = "louis-marchand"
PATIENCE_S = 15


@pytest.fixture
def stack(third_parties: ThirdParties) -> LocalStack:
    return third_parties.stack


def found_by(third_parties: ThirdParties, process: str) -> dict[str, Any]:
    """Return what the package wrote down of its process: its environment and its arguments."""
    found: dict[str, Any] = json.loads((third_parties.orders / f"{process}.json").read_text())
    return found


async def test_a_message_is_taken_in_sealed_and_a_forged_one_is_not(town: Town, third_parties: ThirdParties) -> None:
    stack, channel = third_parties.stack, third_parties.channel
    async with httpx.AsyncClient(trust_env=False) as http:
        forged = await http.post(f"{stack.addresses[f'ingest-{channel.name}']}/webhooks/{channel.name}", content=b"{}")
    assert forged.status_code == 403
    [sent] = await town.sandbox.send_by(channel.name, CITIZEN, "Le pigeonnier de la place est cassé.")
    assert sent.answer == "HTTP 200"
    records = await records_on(stack, INBOUND_THIRD_PARTY.name)
    of_channel = [each for each in map(json.loads, records) if each.get("channel") == channel.name]
    assert {tuple(each["accounts"]) for each in of_channel} == {("mairie",)}
    assert not [record for record in records if "pigeonnier" in record.decode()]


async def records_on(stack: LocalStack, topic: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, **client_options(stack.kafka_admin), auto_offset_reset="earliest")
    await consumer.start()
    try:
        found: list[bytes] = []
        while more := await consumer.getmany(timeout_ms=3000):
            found += [record.value for records in more.values() for record in records]
        return found
    finally:
        await consumer.stop()


def test_its_host_logs_under_its_own_name_from_the_first_line(third_parties: ThirdParties) -> None:
    name = f"ingest-{third_parties.channel.name}"
    lines = (third_parties.stack.folder / "logs" / f"{name}.log").read_text().splitlines()
    assert {json.loads(each)["service"] for each in lines} == {name}


# Its variables


@pytest.mark.parametrize(("process", "own"), [("host", OWN_SECRETS), ("sender", None), ("errand", None)])
def test_a_process_of_it_is_given_no_secret_of_anybody_else(
    third_parties: ThirdParties, process: str, own: str | None
) -> None:
    """The errand is what `channels check` and a replay run of it, for an operator who holds a great deal."""
    stack = third_parties.stack
    assert guichet(stack, "channels", "check", VANDAL).splitlines()[1].strip() == "all is well"
    given = json.dumps(found_by(third_parties, process))
    known = {name for name, value in secrets_of(stack).items() if len(value) > 8 and value in given}
    assert known == {name for name in known if own and name.endswith(own)}
    assert (own is None) is (known == set())
    assert str(root_key_of(stack)) not in given
    assert "GUICHET_VANDAL_ORDERS" in given, "what it is given is seen"


def test_its_sender_and_its_errand_sign_in_nowhere(third_parties: ThirdParties) -> None:
    for process in ("sender", "errand"):
        given = found_by(third_parties, process)["environment"]
        assert not [name for name in given if "KAFKA" in name or "MONGODB" in name or name.endswith("_KEY")]
    assert (
        Path(found_by(third_parties, "sender")["environment"]["GUICHET_SENDER_SOCKETS"]) / "vandal.sock"
    ).is_socket()


def test_another_package_is_asked_whether_all_is_well_with_its_own_variables(third_parties: ThirdParties) -> None:
    name = third_parties.channel.name
    asked = run_guichet(third_parties.stack, "channels", "check", name)
    assert asked.returncode == 0, asked.stdout
    assert f"http://127.0.0.1:{third_parties.stack.ports['citizen-sandbox']} answers" in asked.stdout


# The store


def test_its_host_reads_no_collection_and_opens_no_key(stack: LocalStack) -> None:
    assert "GUICHET_ROOT_KEY_FILE" not in stack.environment_of(f"ingest-{VANDAL}")
    every = {(name, each) for name in ("guichet", "guichet_vault") for each in collections(stack, name)}
    assert {"cases", "messages", "keys", "opening_keys"} <= {name for _, name in every}
    with store_as_host(stack, VANDAL) as store:
        for database, collection in every - {("guichet_vault", name) for name in SEEN_BY_WHO_SEALS}:
            with pytest.raises(OperationFailure, match="not authorized"):
                store[database][collection].find_one({})


def collections(stack: LocalStack, database: str) -> list[str]:
    with MongoClient[dict[str, Any]](stack.mongodb_admin_uri) as admin:
        return admin[database].list_collection_names()


COMMANDS: dict[str, Callable[[Database[dict[str, Any]]], Any]] = {
    "change a case": lambda store: store["cases"].update_many({}, {"$set": {"status": "closed"}}),
    "plant a message": lambda store: store["messages"].insert_one({"_id": "planted"}),
    "take keys away": lambda store: store.client["guichet_vault"]["sealing_keys"].delete_many({}),
    "drop a collection": lambda store: store["cases"].drop(),
    "drop the database": lambda store: store.client.drop_database("guichet_vault"),
    "make a user": lambda store: store.command("createUser", "me", pwd="mine", roles=["root"]),
    "give itself a role": lambda store: store.command("grantRolesToUser", "ingest-vandal", roles=["case-router"]),
    "read users": lambda store: store.client["admin"].command("usersInfo", 1),
    "see what others ask": lambda store: [*store.client["admin"].aggregate([{"$currentOp": {"allUsers": True}}])],
    "end what others ask": lambda store: store.client["admin"].command("killOp", op=1),
    "read the log": lambda store: store.client["admin"].command("getLog", "global"),
    "end the server": lambda store: store.client["admin"].command("shutdown"),
    "read the oplog": lambda store: store.client["local"]["oplog.rs"].find_one({}),
    "join what it may see with what not": lambda store: [
        *store.client["guichet_vault"]["sealing_keys"].aggregate(
            [{"$lookup": {"from": "opening_keys", "localField": "_id", "foreignField": "_id", "as": "found"}}]
        )
    ],
}


@pytest.mark.parametrize("ask", COMMANDS.values(), ids=COMMANDS)
def test_its_host_asks_the_store_for_more_and_gets_nothing(
    stack: LocalStack, ask: Callable[[Database[dict[str, Any]]], Any]
) -> None:
    with (
        store_as_host(stack, VANDAL) as store,
        pytest.raises(OperationFailure, match=r"not authorized|Unauthorized|not allowed"),
    ):
        ask(store["guichet"])


# The broker


def allowed(kafka: KafkaSettings) -> set[tuple[str, str]]:
    """What the broker itself says that a user may do."""
    admin = AdminClient(librdkafka_options(kafka))
    found = set()
    asked = admin.describe_topics(TopicCollection(EVERY_TOPIC), include_authorized_operations=True)
    for name, answer in asked.items():
        if not isinstance(answer.exception(PATIENCE_S), KafkaException):
            found |= {(each.name, name) for each in answer.result().authorized_operations}
    cluster = admin.describe_cluster(include_authorized_operations=True).result(PATIENCE_S)
    return found | {(each.name, "the cluster") for each in cluster.authorized_operations or ()}


def test_its_host_may_write_its_messages_and_read_nothing(stack: LocalStack) -> None:
    assert allowed(as_host(stack, VANDAL)) == {(act, OWN_TOPIC) for act in ("WRITE", "DESCRIBE")}


async def test_it_writes_on_no_other_topic_and_reads_none(stack: LocalStack) -> None:
    """Not even among the dead letters of its own, which it shares with other third parties."""
    thief = as_host(stack, VANDAL)
    async with AIOKafkaProducer(**client_options(thief)) as producer:
        for topic in {*EVERY_TOPIC} - {OWN_TOPIC}:
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(topic, b"forged", partition=0)
    for topic in EVERY_TOPIC:
        consumer = AIOKafkaConsumer(topic, **client_options(thief), auto_offset_reset="earliest")
        try:
            with pytest.raises(TopicAuthorizationFailedError):
                await first_record(consumer)
        finally:
            await consumer.stop()


async def first_record(consumer: AIOKafkaConsumer) -> None:
    await consumer.start()
    await asyncio.wait_for(consumer.getone(), PATIENCE_S)


async def test_it_becomes_no_member_of_a_group(stack: LocalStack) -> None:
    for group in ("case-router", "notifier", "one-of-its-own"):
        consumer = AIOKafkaConsumer(
            INBOUND_THIRD_PARTY.name, **client_options(as_host(stack, VANDAL)), group_id=group, auto_offset_reset="none"
        )
        try:
            with pytest.raises((GroupAuthorizationFailedError, TopicAuthorizationFailedError)):
                await first_record(consumer)
        finally:
            await consumer.stop()


PLACE = TopicPartition(INBOUND_THIRD_PARTY.name, 0, 0)
REFUSED = ("AUTHORIZATION_FAILED", "TOPIC_DELETION_DISABLED")  # the broker deletes no topic for anybody
REQUESTS: dict[str, Callable[[AdminClient], Any]] = {
    "make a topic": lambda admin: admin.create_topics([NewTopic("its-own", 1)]),
    "delete a topic": lambda admin: admin.delete_topics(["case-events"]),
    "delete its own topic": lambda admin: admin.delete_topics([PLACE.topic]),
    "trim its own topic": lambda admin: admin.delete_records([TopicPartition(PLACE.topic, 0, -1)]),
    "read a topic's settings": lambda admin: admin.describe_configs([ConfigResource("TOPIC", PLACE.topic)]),
    "change a topic's settings": lambda admin: admin.alter_configs(
        [ConfigResource("TOPIC", PLACE.topic, set_config={"retention.ms": "1"})]
    ),
    "look at a group": lambda admin: admin.describe_consumer_groups(["case-router"]),
    "delete a group": lambda admin: admin.delete_consumer_groups(["case-router"]),
    "set a group back": lambda admin: admin.alter_consumer_group_offsets(
        [ConsumerGroupTopicPartitions("case-router", [PLACE])]
    ),
}


@pytest.mark.parametrize("ask", REQUESTS.values(), ids=REQUESTS)
def test_it_asks_the_broker_for_more_and_gets_nothing(stack: LocalStack, ask: Callable[[AdminClient], Any]) -> None:
    admin = AdminClient(librdkafka_options(as_host(stack, VANDAL)))
    answers: dict[Any, Future[Any]] = ask(admin)
    assert answers
    for answer in answers.values():
        refusal = answer.exception(PATIENCE_S)
        assert isinstance(refusal, KafkaException), answer
        assert refusal.args[0].name().endswith(REFUSED), refusal


def test_it_takes_no_transaction_of_anybody_s(stack: LocalStack) -> None:
    options = librdkafka_options(as_host(stack, VANDAL))
    with pytest.raises(KafkaException, match="TRANSACTIONAL_ID_AUTHORIZATION_FAILED"):
        Producer({**options, "transactional.id": "case-router"}).init_transactions(PATIENCE_S)
