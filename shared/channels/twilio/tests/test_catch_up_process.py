"""ingest-sms as processes, on real Kafka and mongod, with the sandbox for Twilio: what a webhook left behind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twilio.rest import Client

from citizen_sandbox.play.entry import Attachment
from guichet.clock import SystemClock
from guichet.contracts.delivery import DeliveryReported, DeliveryState, Purpose
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_SMS, Topic
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import MongoDeliveries
from guichet.store.setup.schema import prepare
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.sandbox import PUBLIC_URL, Town, running_sandbox
from guichet_testing.real.adapter_process import AdapterProcess
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_twilio.read.parse_status import parse_status

PHOTO = Attachment(name="trou.jpg", media_type="image/jpeg", content=b"\xff\xd8photo")
ACCOUNT, TOKEN = "AC" + "0" * 32, "un-jeton"
NUMBER, WHATSAPP, CITIZEN = "+33939000000", "+33939000001", "+33700990042"
FOREVER = 1000
QUIET_S = 3.0  # ten rounds

pytestmark = pytest.mark.real


@dataclass
class Place:
    """The servers, Twilio and a telephone."""

    kafka: KafkaServer
    mongo: MongoServer
    database: str
    folder: Path
    url: str
    phone: SandboxClient
    http_port: int

    def adapter(self, topic: Topic[Any], name: str = "one", **more: str) -> AdapterProcess:
        """Return a process of ingest-sms. Only the first gets Twilio's webhooks."""
        http_port, health_port = free_ports(2)
        variables = {
            "HTTP_PORT": str(self.http_port if name == "one" else http_port),
            "TOWN": str(EXAMPLE_TOWN),
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": self.url,
            "TWILIO_NUMBER": NUMBER,
            "TWILIO_WHATSAPP_NUMBER": WHATSAPP,
            "TWILIO_PUBLIC_URL": PUBLIC_URL,
            "TWILIO_CATCH_UP_EVERY": "PT0.3S",
            "TWILIO_CATCH_UP_GRACE": "PT0S",
            **more,
        }
        return AdapterProcess(
            "ingest_sms", topic, self.kafka.bootstrap_servers, self.mongo.uri, self.database, self.folder,
            health_port, variables,
        )  # fmt: skip

    async def send(self, outbound_id: str, to: str, sender: str) -> str:
        """Let the notifier have sent a message through Twilio's own library; return its sid."""
        client = Client(ACCOUNT, TOKEN)
        client.api.base_url = self.url
        callback = f"{PUBLIC_URL}/webhooks/twilio/status?outbound_id={outbound_id}"
        sent = await asyncio.to_thread(
            client.messages.create, to=to, from_=sender, body="Bien reçu", status_callback=callback
        )
        database = connect(MongoSettings(mongodb_uri=self.mongo.uri, mongodb_database=self.database))
        await MongoDeliveries(database).insert_new(a_delivery(outbound_id, sent.sid))
        database.client.close()
        return str(sent.sid)

    async def file(self, message_id: str) -> None:
        """Let the router have filed a message."""
        database = connect(MongoSettings(mongodb_uri=self.mongo.uri, mongodb_database=self.database))
        await database["messages"].insert_one({"_id": message_id})
        database.client.close()


def a_delivery(outbound_id: str, sid: str) -> DeliveryDocument:
    now = datetime.now(UTC)
    return DeliveryDocument.model_validate(
        {
            "_id": outbound_id, "case_id": "c" * 32, "purpose": Purpose.REPLY, "channel": "sms", "lane": "twilio",
            "account": NUMBER, "answers": "a" * 32, "state": DeliveryState.SENT, "requested_at": now, "due_at": now,
            "changed_at": now, "provider_id": sid,
        }
    )  # fmt: skip


@pytest.fixture
async def place(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> AsyncIterator[Place]:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    database.client.close()
    [http_port] = free_ports(1)
    async with running_sandbox(Town(http_port=http_port)) as sandbox, SandboxClient(sandbox.url) as phone:
        yield Place(kafka_server, mongo_server, mongo_database, tmp_path, sandbox.url, phone, http_port)


async def test_a_status_callback_that_met_a_503_is_not_lost(place: Place) -> None:
    outbound_ids = ["1" * 32, "2" * 32]
    await place.phone.send_sms(text="Bonjour", phone=CITIZEN, whatsapp=True)  # opens WhatsApp's 24 hours
    async with place.adapter(DELIVERY_REPORTS) as adapter:
        await place.phone.misbehave("twilio-lost-status", count=2)
        sids = [
            await place.send(outbound_ids[0], CITIZEN, NUMBER),
            await place.send(outbound_ids[1], f"whatsapp:{CITIZEN}", f"whatsapp:{WHATSAPP}"),
        ]
        reports = [report for report in await reported(adapter) if report.status == "delivered"]
    assert {report.outbound_id for report in reports} == set(outbound_ids), "a lost callback was not made good"
    for report in reports:
        form = {"MessageSid": sids[outbound_ids.index(report.outbound_id)], "MessageStatus": "delivered", "To": "+33"}
        called_back = parse_status(form, report.outbound_id, at=datetime.now(UTC))
        assert report.event_id == called_back.event_id
    assert len(reports) == 2, "published again round after round"


async def test_one_photo_that_is_refused_does_not_stop_the_others(place: Place) -> None:
    await place.phone.misbehave("twilio-media-refused", count=FOREVER)
    await place.phone.misbehave("twilio-lost-webhook", count=2)
    await place.phone.send_sms(text="Avec photo", phone=CITIZEN, files=[PHOTO])
    await asyncio.sleep(1.1)  # Twilio's dates know no fraction of a second
    await place.phone.send_sms(text="Sans photo", phone=CITIZEN)
    async with place.adapter(INBOUND_SMS) as adapter:
        texts = [(await adapter.opened(event))[0].text for event in await received(adapter)]
    assert texts == ["Sans photo"], "one photo stopped the whole catch-up"


async def test_a_message_is_not_lost_for_its_photo(place: Place) -> None:
    await place.phone.misbehave("twilio-media-refused", count=FOREVER)
    await place.phone.misbehave("twilio-lost-webhook")
    await place.phone.send_sms(text="Avec photo", phone=CITIZEN, files=[PHOTO])
    async with place.adapter(INBOUND_SMS, TWILIO_FILE_PATIENCE="PT1S") as adapter:
        events = await received(adapter)
        texts = [(await adapter.opened(event))[0].text for event in events]
    assert texts == ["Avec photo\n[Fichier « fichier-1.jpg » non récupéré : indisponible]"]


async def test_two_processes_do_not_both_publish_what_a_webhook_left_behind(place: Place) -> None:
    await place.phone.misbehave("twilio-lost-webhook", count=3)
    for text in ("un", "deux", "trois"):
        await place.phone.send_sms(text=text, phone=CITIZEN)
    async with place.adapter(INBOUND_SMS) as adapter, place.adapter(INBOUND_SMS, "other"):
        ids = [event.message_id for event in await received(adapter)]
    assert len(ids) == len(set(ids)) == 3, "what was missed came once from each process"


async def test_a_restart_does_not_publish_again_what_was_caught_up(place: Place) -> None:
    await place.phone.misbehave("twilio-lost-webhook")
    await place.phone.send_sms(text="Bonjour", phone=CITIZEN)
    async with place.adapter(INBOUND_SMS) as adapter:
        [event] = await received(adapter)
        await place.file(event.message_id)
    async with place.adapter(INBOUND_SMS, "again") as adapter:
        assert await received(adapter) == [], "the whole window came once more after a restart"


async def test_a_process_that_ends_leaves_the_rounds_to_another(place: Place) -> None:
    async with place.adapter(INBOUND_SMS) as leads, place.adapter(INBOUND_SMS, "other") as adapter:
        await leads.stop()
        await place.phone.misbehave("twilio-lost-webhook")
        await place.phone.send_sms(text="Bonjour", phone=CITIZEN)
        assert len(await received(adapter)) == 1


async def received(adapter: AdapterProcess) -> list[Any]:
    """Return every message until none has come for some rounds."""
    return [INBOUND_SMS.events.validate_json(value) async for value in _until_quiet(adapter)]


async def reported(adapter: AdapterProcess) -> list[DeliveryReported]:
    """Return every report, likewise."""
    return [DELIVERY_REPORTS.events.validate_json(value) async for value in _until_quiet(adapter)]


async def _until_quiet(adapter: AdapterProcess) -> AsyncIterator[bytes]:
    patience_s = 4 * QUIET_S
    while True:
        try:
            yield await adapter.next_value(patience_s)
        except TimeoutError:
            return
        patience_s = QUIET_S
