"""Telegram in its host, ingest-social, as a process on real Kafka and mongod, with the sandbox for Telegram."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from citizen_sandbox.play.entry import Attachment, State
from guichet.contracts.topics import INBOUND_SOCIAL
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.sandbox import PUBLIC_URL, TELEGRAM_TOKEN, Town, running_sandbox
from guichet_testing.real.adapter_process import AdapterProcess
from guichet_testing.town.sandbox_client import SandboxClient

PHOTOS = [Attachment(name=f"trou{n}.jpg", media_type="image/jpeg", content=b"\xff\xd8photo%d" % n) for n in (1, 2)]


Telegram = tuple[SandboxClient, AdapterProcess]


@pytest.fixture
async def telegram(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> AsyncIterator[Telegram]:
    """Whoever writes on Telegram, and the process that hears of it."""
    http_port, health_port = free_ports(2)
    async with running_sandbox(Town(http_port=http_port)) as sandbox, SandboxClient(sandbox.url) as chat:
        more = {
            "HTTP_PORT": str(http_port),
            "TOWN": str(EXAMPLE_TOWN),
            "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": "un-secret",
            "TELEGRAM_API_URL": sandbox.url,
            "TELEGRAM_PUBLIC_URL": PUBLIC_URL,
        }
        async with AdapterProcess(
            "ingest_social", INBOUND_SOCIAL, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database,
            tmp_path, health_port, more,
        ) as adapter:  # fmt: skip
            yield chat, adapter


@pytest.mark.real
async def test_a_citizen_s_chat_reaches_the_topic(telegram: Telegram) -> None:
    chat, adapter = telegram
    citizen = {"writer_id": 5550042, "writer_name": "Perrine"}
    sent = await chat.send_telegram(text="Bonjour", **citizen)
    assert sent.state is State.ACCEPTED, sent.answer
    first = await adapter.next_message()
    await chat.send_telegram(text="Bonsoir", edits=int(sent.provider_id), **citizen)
    edit = await adapter.next_message()
    assert edit.edits == first.message_id
    assert (await adapter.opened(edit))[0].text == "Bonsoir"
    await chat.send_telegram(text="Avant, après", files=PHOTOS, **citizen)
    album = [await adapter.opened(await adapter.next_message()) for _ in PHOTOS]
    assert [files for _, files in album] == [[photo.content] for photo in PHOTOS]
    assert [content.text for content, _ in album] == ["Avant, après", ""]
    assert await adapter.stop() == 0
    for word in ("Perrine", "5550042", "Bonjour", TELEGRAM_TOKEN):
        assert word not in adapter.log


@pytest.mark.real
async def test_a_photo_that_does_not_come_holds_up_none_of_the_chat_s_messages(telegram: Telegram) -> None:
    chat, adapter = telegram
    citizen = {"writer_id": 5550042, "writer_name": "Perrine"}
    await chat.misbehave("telegram-file-error", count=1000)
    await chat.send_telegram(text="Voici le trou", files=PHOTOS[:1], **citizen)
    await chat.send_telegram(text="Attention, il est profond", **citizen)
    try:
        first, second = [await adapter.next_message() for _ in range(2)]
    except TimeoutError:
        pytest.fail("the chat's messages wait behind a photo that does not come")
    texts = [(await adapter.opened(each))[0].text for each in (first, second)]
    assert texts[0].startswith("Voici le trou\n[Fichier « "), texts
    assert texts[1] == "Attention, il est profond"
    await chat.behave()
    following = await adapter.next_message()
    assert following.edits == first.message_id
    assert (await adapter.opened(following))[1] == [PHOTOS[0].content]
    assert await adapter.stop() == 0
    for word in ("Perrine", "5550042", "Voici", TELEGRAM_TOKEN):  # a file's address holds the token
        assert word not in adapter.log
