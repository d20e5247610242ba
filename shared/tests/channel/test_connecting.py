"""The edge on a real broker, a real vault and a real folder."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from guichet.channel.connect import connected_edge
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.settings import AdapterSettings
from guichet.clock import SystemClock
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import INBOUND_SMS
from guichet.errors import PermanentError, TransientError
from guichet.ids import MessageId
from guichet.kafka.admin.topics import create_topics
from guichet.mongo.client import connect_vault
from guichet.runtime.health import Health
from guichet.runtime.settings import EdgeSettings, KafkaSettings, OpeningSettings, VaultSettings
from guichet.store.objects import ObstoreObjects
from guichet.vault.mongo_vault import open_vault
from guichet.vault.sealing import Thing
from guichet.vault.setup import initialise_vault
from guichet_local.kafka.server import KafkaServer
from guichet_local.mongod.server import MongoServer
from guichet_testing.sealing import unseal_attachment, unseal_model

TOPIC = replace(INBOUND_SMS, name="connecting-inbound-sms", partitions=1)
KEY = base64.b64encode(b"k" * 32).decode()
DRAFT = Draft(
    channel="sms",
    accounts=("+33700000000",),
    message_id=MessageId("m1"),
    content=InboundContent(sender=(Identifier(kind="phone", value="+33700990042"),), text="Lampadaire-canari"),
    received_at=datetime.now(UTC),
    sender_key_value="+33700990042",
    files=(DraftFile("scan.pdf", "application/pdf", b"scan-canari"),),
)


async def first_record(kafka: KafkaSettings, topic: str) -> ConsumerRecord:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.kafka_bootstrap_servers, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        return await consumer.getone()
    finally:
        await consumer.stop()


@pytest.mark.real
async def test_a_message_and_what_nobody_can_read_rest_sealed_on_the_real_broker(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    where = {
        "kafka_bootstrap_servers": kafka_server.bootstrap_servers,
        "mongodb_uri": mongo_server.uri,
        "vault_database": f"{mongo_database}_vault",
        "objects_url": f"file://{tmp_path}/objects",
    }
    keys = dict.fromkeys(("message_id_key", "ingest_pseudonym_key"), KEY)
    settings = AdapterSettings(
        kafka=KafkaSettings.model_validate(where),
        vault=VaultSettings.model_validate(where),
        edge=EdgeSettings.model_validate(keys),
        objects_url=where["objects_url"],
    )
    opening = OpeningSettings.model_validate({**where, "root_key_file": tmp_path / "root.key"})
    await create_topics(settings.kafka, topics=[TOPIC])
    await initialise_vault(connect_vault(opening), opening.root_key_file, clock=SystemClock().now)
    health = Health()
    async with connected_edge("test-adapter", settings, health, clock=SystemClock().now) as edge:
        assert await edge.accept(TOPIC, DRAFT) == "m1"
        await edge.dead_letter(TOPIC, b"Perrine-canari", PermanentError("x", reason="unreadable"))
        assert await health.failures() == []

    record = await first_record(settings.kafka, TOPIC.name)
    letter = await first_record(settings.kafka, TOPIC.dead_letters)
    for each in (record, letter):
        assert b"canari" not in (each.value or b"")
        assert b"700990042" not in (each.key or b"") + (each.value or b"")
    event = MessageReceived.model_validate_json(record.value or b"")
    [attachment] = event.attachments
    key = (await open_vault(opening, clock=SystemClock().now).open_keys([event.content.key_id]))[event.content.key_id]
    content = unseal_model(key, Thing("message", event.message_id), "content", event.content, InboundContent)
    assert content.text == "Lampadaire-canari"
    box = await ObstoreObjects(settings.objects_url).get(attachment.attachment_id)
    assert unseal_attachment(key, event.message_id, attachment.attachment_id, box) == b"scan-canari"
    assert b"unreadable" in (letter.value or b"")


async def test_an_adapter_without_its_servers_starts_and_is_not_ready(tmp_path: Path) -> None:
    where = {
        "kafka_bootstrap_servers": "127.0.0.1:9",
        "mongodb_uri": "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200",
        "objects_url": tmp_path.as_uri(),
    }
    keys = dict.fromkeys(("message_id_key", "ingest_pseudonym_key"), KEY)
    health = Health()
    settings = AdapterSettings(
        kafka=KafkaSettings.model_validate(where),
        vault=VaultSettings.model_validate(where),
        edge=EdgeSettings.model_validate(keys),
        objects_url=where["objects_url"],
    )
    async with connected_edge("test-adapter", settings, health, clock=SystemClock().now) as edge:
        assert sorted(await health.failures()) == ["kafka", "keys"]
        with pytest.raises(TransientError):
            await edge.accept(TOPIC, DRAFT)
