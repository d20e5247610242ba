"""Messages in another channel's name, on the real broker: the real router takes none of them, and nothing comes of any."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SOCIAL, INBOUND_THIRD_PARTY, Topic
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet_testing.builders.inbound import mail_content, sealed_message
from guichet_testing.until import until
from tests.attacks.bus.attacked_router import AttackedRouter, attacked
from tests.attacks.bus.two_third_parties import HOSTS, WITH_TWO, on

pytestmark = pytest.mark.real
TOPICS_TRIED: Final = (INBOUND_EMAIL, INBOUND_SOCIAL, INBOUND_THIRD_PARTY)


@pytest.fixture
async def attack(kafka_server: Any) -> AsyncIterator[AttackedRouter]:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    async with attacked(kafka, WITH_TWO, TOPICS_TRIED, HOSTS) as attack:
        yield attack


async def a_message(attack: AttackedRouter, name: str, channel: str) -> MessageReceived:
    content = mail_content("habitante@courriel.example", message_id=f"{name}@courriel.example")
    return await sealed_message(attack.vault, name, content, channel=channel)


@pytest.mark.parametrize(
    ("channel", "topic"),
    [
        ("email", INBOUND_THIRD_PARTY),
        ("telegram", INBOUND_THIRD_PARTY),
        ("raven", INBOUND_THIRD_PARTY),
        ("pigeon", INBOUND_SOCIAL),
        ("telegram", INBOUND_EMAIL),
    ],
    ids=lambda each: getattr(each, "name", each),
)
async def test_a_message_on_another_topic_than_its_channels_is_a_dead_letter(
    attack: AttackedRouter, channel: str, topic: Topic[Any]
) -> None:
    """It stays refused when it is replayed, and lies there whole: where the facts come back, it is filed."""
    message = await a_message(attack, f"{channel}-on-{topic.name}", channel)
    indexed = await attack.refusal(on(topic, message))
    assert (indexed.letter.reason, indexed.letter.error) == ("wrong-topic", "ForgedError")
    assert (await attack.replayed(indexed)).letter.reason == "wrong-topic"
    assert attack.has_alarm(Alarm.FORGED, topic)
    assert attack.messages.messages == {}


@pytest.mark.parametrize(("channel", "topic"), [("pigeon", INBOUND_THIRD_PARTY), ("email", INBOUND_EMAIL)])
async def test_a_message_on_its_channels_topic_is_filed(
    attack: AttackedRouter, channel: str, topic: Topic[Any]
) -> None:
    message = await a_message(attack, f"{channel}-rightly", channel)
    await attack.producer.send([on(topic, message)])
    await until(lambda: message.message_id in attack.messages.messages, "it is filed")
    assert not attack.has_alarm(Alarm.FORGED, topic)


@pytest.mark.parametrize(
    ("signer", "reason"),
    [
        (None, "unsigned"),
        ("ingest-kite", "wrong-signature"),
        ("agent-desk", "wrong-signature"),
        ("ingest-raven", "unknown-signer"),
    ],
)
async def test_no_third_party_brings_in_a_message_of_anothers_channel(
    attack: AttackedRouter, signer: str | None, reason: str
) -> None:
    message = await a_message(attack, f"pigeon-by-{signer}", "pigeon")
    indexed = await attack.refusal(on(INBOUND_THIRD_PARTY, message, signer))
    assert (indexed.letter.reason, indexed.letter.error) == (reason, "ForgedError")
    assert attack.has_alarm(Alarm.FORGED, INBOUND_THIRD_PARTY)
    assert attack.messages.messages == {}
