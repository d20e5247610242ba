"""ingest-sms as a process, on real Kafka and mongod, with the sandbox for Twilio."""

from pathlib import Path

import pytest

from citizen_sandbox.play.entry import Attachment, State
from guichet.contracts.topics import INBOUND_SMS
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.sandbox import PUBLIC_URL, Town, running_sandbox
from guichet_testing.real.adapter_process import AdapterProcess
from guichet_testing.town.sandbox_client import SandboxClient

PHOTO = Attachment(name="trou.jpg", media_type="image/jpeg", content=b"\xff\xd8photo")


@pytest.mark.real
async def test_a_citizen_s_telephone_reaches_the_topic_even_past_a_lost_webhook(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    http_port, health_port = free_ports(2)
    async with running_sandbox(Town(http_port=http_port)) as sandbox, SandboxClient(sandbox.url) as phone:
        more = {
            "HTTP_PORT": str(http_port),
            "TOWN": str(EXAMPLE_TOWN),
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "un-jeton",
            "TWILIO_API_URL": sandbox.url,
            "TWILIO_NUMBER": "+33939000000",
            "TWILIO_WHATSAPP_NUMBER": "+33939000001",
            "TWILIO_PUBLIC_URL": PUBLIC_URL,
            "TWILIO_CATCH_UP_EVERY": "PT0.3S",
            "TWILIO_CATCH_UP_GRACE": "PT0S",
        }
        async with AdapterProcess(
            "ingest_sms", INBOUND_SMS, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database, tmp_path,
            health_port, more,
        ) as adapter:  # fmt: skip
            sent = await phone.send_sms(text="Un trou rue des Lilas", phone="+33700990042", files=[PHOTO])
            assert sent.state is State.ACCEPTED, sent.answer
            event = await adapter.next_message()
            content, files = await adapter.opened(event)
            assert (event.channel, event.accounts) == ("sms", ("+33939000000",))
            assert (content.text, files) == ("Un trou rue des Lilas", [PHOTO.content])

            await phone.misbehave("twilio-lost-webhook")
            await phone.send_sms(text="Et un autre", phone="+33700990042", files=[PHOTO], whatsapp=True)
            event = await adapter.next_message()
            while event.channel == "sms":  # the first one, listed before its webhook had been answered
                event = await adapter.next_message()
            content, files = await adapter.opened(event)
            assert (event.channel, content.text, files) == ("whatsapp", "Et un autre", [PHOTO.content])
            assert await adapter.stop() == 0
    for word in ("700990042", "Lilas", "un-jeton"):
        assert word not in adapter.log
