"""Values planted in clear on purpose, one in each kind of place: a search that misses one of them proves nothing."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetter
from guichet.ids import EventId, KeyId
from guichet.kafka.connection import client_options
from guichet.store.objects import ObstoreObjects
from guichet_canary.search.search import Hit
from guichet_canary.search.values import Canary
from guichet_canary.writing.cast import word
from guichet_local.stack import LocalStack
from guichet_testing.town.store import looked_into

TOPIC = "canary-control"
DATABASE = "canary_control"


@dataclass(frozen=True)
class Control:
    """A value and where it must be found. where: how the place's name begins; form: how its form's name does."""

    canary: Canary
    where: str
    form: str = "utf-8"

    def is_found_by(self, hit: Hit) -> bool:
        """Say whether this hit is the one that must come."""
        return hit.canary == self.canary and hit.where.startswith(self.where) and hit.form.startswith(self.form)


def value_of(place: str) -> Canary:
    """Return the control of a place: none of the canaries."""
    return Canary(f"control: {place}", f"{word(f'control {place} 0')} {word(f'control {place} 1')}")


async def plant_controls(stack: LocalStack) -> list[Control]:
    """Plant one in each place and say where each must be found, those of `controls_in_collections` aside."""
    return [
        *await _plant_in_a_topic(stack),
        *_plant_in_the_database(stack),
        await _plant_in_an_object(stack),
        await _plant_in_a_metric(stack),
    ]


async def _plant_in_a_metric(stack: LocalStack) -> Control:
    """DeadLetterPayload a dead letter whose reason is no code: the console counts dead letters by their reason."""
    canary = value_of("metric")
    letter = DeadLetter(
        event_id=EventId("canary-control"),
        occurred_at=datetime.now(UTC),
        topic="inbound-portal",
        partition=None,
        offset=None,
        group="citizen-portal",
        reason=canary.value,
        error="Control",
        record=Sealed(key_id=KeyId("none"), box=b64encode(b"nothing")),
    )
    await _produce(stack, "inbound-portal-dlq", letter.model_dump_json().encode())
    return Control(canary, "metrics of ops-console")


async def _plant_in_a_topic(stack: LocalStack) -> list[Control]:
    admin = AIOKafkaAdminClient(**client_options(stack.kafka_admin))
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    finally:
        await admin.close()
    plain, coded = value_of("topic"), value_of("MIME part")
    await _produce(stack, TOPIC, b'{"text": "' + plain.value.encode() + b'"}', _mail(coded.value))
    segment = f"kafka/data/{TOPIC}-0/"
    return [Control(plain, segment), Control(coded, segment, "base64")]


async def _produce(stack: LocalStack, topic: str, *records: bytes) -> None:
    options = client_options(stack.kafka_admin)
    producer = AIOKafkaProducer(**options, compression_type="gzip")  # which the broker must undo
    await producer.start()
    try:
        for record in records:
            await producer.send_and_wait(topic, record)
    finally:
        await producer.stop()


def _mail(value: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail.set_content("Bonjour")
    content = b"Words before it, as many as a line of base64 holds, and a few. " + value.encode()
    mail.add_attachment(content, maintype="application", subtype="pdf", filename="x.pdf")
    return mail.as_bytes()


def _plant_in_the_database(stack: LocalStack) -> list[Control]:
    """In a collection; in the oplog, as a document deleted at once; in mongod's log, as a client's name."""
    kept, deleted, logged = value_of("collection"), value_of("oplog"), value_of("log")
    with MongoClient[dict[str, Any]](stack.mongodb_admin_uri, appname=logged.value) as client:
        client[DATABASE].people.insert_one({"name": kept.value})
        client[DATABASE].gone.insert_one({"_id": 1, "name": deleted.value})
        client[DATABASE].gone.delete_one({"_id": 1})
    return [Control(deleted, "mongodb/data/journal/"), Control(logged, "logs/mongodb.log")]


def controls_in_collections(stack: LocalStack) -> list[Control]:
    """Say in which files those of the database must be found. Ask last: after a power cut collections get new files."""
    with looked_into(stack) as client:
        return [
            Control(value_of("collection"), f"mongodb/data/{_file_of(client, DATABASE, 'people')}"),
            Control(value_of("oplog"), f"mongodb/data/{_file_of(client, 'local', 'oplog.rs')}"),
        ]


def _file_of(client: "MongoClient[dict[str, Any]]", database: str, collection: str) -> str:
    """Return the name of a collection's file."""
    [stats] = client[database][collection].aggregate([{"$collStats": {"storageStats": {}}}])
    uri: str = stats["storageStats"]["wiredTiger"]["uri"]
    return uri.rpartition(":")[2] + ".wt"


async def _plant_in_an_object(stack: LocalStack) -> Control:
    objects = ObstoreObjects((stack.folder / "objects").as_uri())
    canary = value_of("object")
    await objects.put("canarycontrol0001", canary.value.encode("utf-16"))
    return Control(canary, "objects/", "utf-16")
