"""What an adapter put aside because of a bug of ours goes in at its own door after the fix, and becomes a message."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from fastapi import FastAPI

from guichet.channel.envelope import Envelope
from guichet.channel.host.webhooks import webhook_routes
from guichet.channel.web import webhook_app
from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL, Topic
from guichet.errors import PermanentError, SettingsError
from guichet.ids import EventId
from guichet.runtime.server import build_server
from guichet.runtime.settings import read_settings
from guichet.town.channel_facts import known_channels
from guichet_cli.dead_letters.payload_redelivery import Adapters
from guichet_cli.dead_letters.redelivery import Redeliver, RedeliveryError
from guichet_local.machine.ports import free_ports
from guichet_mail.read.parse import MailReader
from guichet_mail.receive import lmtp
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_telegram.channel import TELEGRAM
from guichet_telegram.settings import TelegramSettings
from guichet_testing.conformance.world import KEY, World
from guichet_twilio.channel import TWILIO
from guichet_twilio.settings import TwilioSettings

REPOSITORY = Path(__file__).parents[2]
TOWN = REPOSITORY / "deploy/local/town"
SMS = REPOSITORY / "shared/channels/twilio/tests/fixtures/sms.form"
CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"
MAILBOXES = TownMailboxes([CONTACT, VOIRIE], CONTACT)
MAIL = (
    b"X-Original-To: ailleurs@exemple.test\r\nFrom: perrine@exemple.test\r\nTo: contact@mairie.example\r\n"
    b"Message-ID: <1@exemple.test>\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\nSubject: Lampadaire\r\n\r\n"
    b".Il est \xc3\xa9teint.\r\n"
)
UPDATE = {
    "update_id": 900_001,
    "message": {
        "message_id": 1,
        "date": 1772443800,
        "chat": {"id": 5550042, "type": "private", "first_name": "Perrine"},
        "from": {"id": 5550042, "is_bot": False, "first_name": "Perrine"},
        "text": "Le lampadaire est éteint.",
    },
}

Open = Callable[[World, int, bool], AbstractAsyncContextManager[None]]


def a_bug(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError


BROKEN_TWILIO = {"parse_sms": a_bug, "salvage_sms": a_bug}
BROKEN_TELEGRAM = {"parse_update": a_bug, "salvage_update": a_bug}


@asynccontextmanager
async def mail_adapter(world: World, port: int, is_mended: bool) -> AsyncIterator[None]:
    async def read(mail: Envelope, at: datetime) -> Any:
        return MailReader(MAILBOXES, KEY).read(mail, at) if is_mended else a_bug()

    handler = MailboxHandler(MAILBOXES, AcceptMail(world.lend("mail", INBOUND_EMAIL), read, a_bug))
    server = await lmtp.listen(handler, "127.0.0.1", port, 25_000_000)
    yield
    server.close()


@asynccontextmanager
async def sms_adapter(world: World, port: int, is_mended: bool) -> AsyncIterator[None]:
    web, settings = webhook_app("sms"), read_settings(TwilioSettings)
    with nullcontext() if is_mended else patch.multiple("guichet_twilio.webhooks", **BROKEN_TWILIO):
        async with webhook_routes(TWILIO, settings, world.lend("twilio", INBOUND_SMS)) as routes:
            web.include_router(routes)
            async with served(web, port):
                yield


@asynccontextmanager
async def telegram_adapter(world: World, port: int, is_mended: bool) -> AsyncIterator[None]:
    web, settings = webhook_app("social"), read_settings(TelegramSettings)
    with nullcontext() if is_mended else patch.multiple("guichet_telegram.webhook", **BROKEN_TELEGRAM):
        async with webhook_routes(TELEGRAM, settings, world.lend("telegram", INBOUND_SOCIAL)) as routes:
            web.include_router(routes)
            async with served(web, port):
                yield


@asynccontextmanager
async def served(web: FastAPI, port: int) -> AsyncIterator[None]:
    server = build_server(web, "127.0.0.1", port)
    server.capture_signals = nullcontext  # type: ignore[assignment]
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.02)
    yield
    server.should_exit = True
    await serving


@dataclass(frozen=True)
class Case:
    group: str
    topic: Topic[Any]
    payload: bytes
    open: Open

    @property
    def letter(self) -> DeadLetter:
        return a_letter(self.group, self.topic)


def a_letter(group: str, topic: Topic[Any]) -> DeadLetter:
    return DeadLetter(
        event_id=EventId("d1"), occurred_at=datetime.now(UTC), topic=topic.name, partition=None, offset=None,
        group=group, reason="bug", error="ZeroDivisionError",
        record=Sealed.model_validate({"key_id": "k", "box": "AAAA"}),
    )  # fmt: skip


def content() -> DeadLetterContent:
    """Of before, when headers and target were not kept: the payload alone."""
    return DeadLetterContent.model_construct(key=None, value=b"", headers=(), target="")


CASES = [
    Case(
        "ingest-email",
        INBOUND_EMAIL,
        Envelope("perrine@exemple.test", (CONTACT, VOIRIE), MAIL).to_bytes(),
        mail_adapter,
    ),
    Case("ingest-sms", INBOUND_SMS, SMS.read_bytes(), sms_adapter),
    Case("ingest-social", INBOUND_SOCIAL, json.dumps(UPDATE).encode(), telegram_adapter),
]


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where the adapter under test will be, as the operator's environment says it."""
    [port] = free_ports(1)
    for name, value in {
        "LMTP_PORT": str(port), "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "a token", "TWILIO_NUMBER": "+33939",
        "TWILIO_PUBLIC_URL": f"http://127.0.0.1:{port}", "TELEGRAM_TOKEN": "t", "TELEGRAM_WEBHOOK_SECRET": "s",
        "TELEGRAM_PUBLIC_URL": f"http://127.0.0.1:{port}/",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"GUICHET_{name}", value)
    return port


@pytest.fixture
async def adapters(port: int) -> AsyncIterator[Adapters]:
    """Ways back, by the code of whatever channel: `port` first, whose variables that code is given."""
    async with Adapters(known_channels(TOWN)) as adapters:
        yield adapters


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.group)
async def test_a_payload_becomes_a_message_once_its_adapter_is_mended(
    case: Case, port: int, adapters: Adapters
) -> None:
    world = World()

    async def hand_in(payload: bytes) -> None:
        redeliver = await adapters.redelivery_of(case.letter, content(), payload)
        await redeliver()

    async with case.open(world, port, False):
        await hand_in(case.payload)  # a provider's delivery, "accepted" and put aside
    [(_, payload, _)] = world.dead_letters
    async with case.open(world, port, True):
        await hand_in(payload)
        await hand_in(payload)  # replayed twice
    messages = world.received(case.topic)
    assert len({message.message_id for message in messages}) == 1
    assert (await world.content(messages[0])).text.strip()
    if case.topic is INBOUND_EMAIL:
        assert messages[0].accounts == (CONTACT, VOIRIE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.group)
async def test_an_adapter_that_is_away_or_refuses_is_told_and_quotes_nobody(
    case: Case, port: int, adapters: Adapters
) -> None:
    world = World()
    redeliver: Redeliver = await adapters.redelivery_of(case.letter, content(), case.payload)
    with pytest.raises(RedeliveryError, match=str(port)):
        await redeliver()
    world.broker.away = True
    async with case.open(world, port, True):
        with pytest.raises(RedeliveryError, match=r"answered (451|503)") as refusal:
            await redeliver()
    assert "perrine" not in str(refusal.value)


async def test_what_no_adapter_takes_again_is_refused_before_anything_is_done(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PermanentError, match="takes none again"):
        await adapters.redelivery_of(a_letter("ingest-sms", DELIVERY_REPORTS), content(), b"MessageStatus=sent")
    monkeypatch.delenv("GUICHET_TELEGRAM_TOKEN", raising=False)
    with pytest.raises(SettingsError, match="GUICHET_TELEGRAM_TOKEN"):
        await adapters.redelivery_of(a_letter("ingest-social", INBOUND_SOCIAL), content(), b"{}")


async def test_what_is_no_mail_is_refused_by_the_mail_s_own_code_before_anything_is_done(adapters: Adapters) -> None:
    payload = b"From: perrine@exemple.test\r\n\r\n"
    with pytest.raises(PermanentError, match="no envelope"):
        await adapters.redelivery_of(a_letter("ingest-email", INBOUND_EMAIL), content(), payload)
