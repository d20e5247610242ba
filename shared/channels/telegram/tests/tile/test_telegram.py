"""The fake Telegram, driven by the unmodified python-telegram-bot."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import Application

from citizen_sandbox.play.entry import ANSWER_LOST, Attachment, State
from guichet_testing.doors.sandbox import PUBLIC_URL, TELEGRAM_TOKEN, Running, Town
from guichet_testing.town.sandbox_client import SandboxClient

WEBHOOK = "/webhooks/telegram"
AMINA = 710000101


def a_bot(sandbox: Running, token: str = TELEGRAM_TOKEN) -> Bot:
    return Bot(token, base_url=f"{sandbox.url}/bot", base_file_url=f"{sandbox.url}/file/bot")


@pytest.fixture
async def bot(sandbox: Running, citizens: SandboxClient) -> AsyncIterator[Bot]:
    async with a_bot(sandbox) as bot:
        yield bot
        await bot.set_webhook(f"{PUBLIC_URL}{WEBHOOK}", secret_token="un-secret")


def update_of(town: Town, bot: Bot, place: int = 0) -> Update:
    return Update.de_json(json.loads(town.received(WEBHOOK)[place].body), bot)


async def test_a_text_of_the_town_reaches_the_chat(bot: Bot, citizens: SandboxClient) -> None:
    sent = await bot.send_message(AMINA, "Votre demande est enregistrée.")
    assert (sent.chat.id, sent.text, sent.from_user.is_bot) == (AMINA, "Votre demande est enregistrée.", True)
    arrived = await citizens.wait_for_telegram("amina-benali")
    assert (arrived.text, arrived.provider_id) == (sent.text, str(sent.message_id))


async def test_an_application_starts_as_a_service_does(sandbox: Running) -> None:
    builder = Application.builder().token(TELEGRAM_TOKEN).updater(None)
    application = builder.base_url(f"{sandbox.url}/bot").base_file_url(f"{sandbox.url}/file/bot").build()
    async with application:
        assert application.bot.username == "MairieExempleBot"


async def test_a_wrong_token_is_unauthorized(sandbox: Running) -> None:
    with pytest.raises(InvalidToken):
        await a_bot(sandbox, "123456:faux").initialize()


async def test_files_of_the_town_reach_the_chat(bot: Bot, citizens: SandboxClient) -> None:
    sent = await bot.send_document(AMINA, b"%PDF-1.4", filename="arrêté.pdf", caption="Voici")
    assert sent.document.file_name == "arrêté.pdf"
    arrived = await citizens.wait_for_telegram("amina-benali")
    assert (arrived.text, await citizens.attachment(arrived)) == ("Voici", b"%PDF-1.4")
    photo = await bot.send_photo(AMINA, b"\xff\xd8", filename="plan.jpg")
    again = await bot.send_photo(AMINA, photo.photo[-1].file_id)
    assert again.message_id > photo.message_id > sent.message_id


@pytest.mark.parametrize(
    ("chat", "text", "reason"),
    [
        (999, "Bonjour", "chat not found"),
        (AMINA, " ", "message text is empty"),
        (AMINA, "a" * 4097, "message is too long"),
    ],
)
async def test_a_wrong_message_is_refused_in_telegrams_words(bot: Bot, chat: int, text: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_message(chat, text)


async def test_trouble_on_demand_and_no_more(bot: Bot, citizens: SandboxClient) -> None:
    await citizens.misbehave("telegram-throttled", retry_after=3)
    with pytest.raises(RetryAfter) as throttled:
        await bot.send_message(AMINA, "Bonjour")
    assert throttled.value._retry_after.total_seconds() == 3
    await citizens.misbehave("telegram-error")
    with pytest.raises(NetworkError):
        await bot.send_message(AMINA, "Bonjour")
    await citizens.misbehave("telegram-blocked")
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(AMINA, "Bonjour")
    assert await citizens.troubles() == {}
    await bot.send_message(AMINA, "Bonjour")
    assert len(await citizens.entries("amina-benali")) == 1


async def test_a_lost_answer_is_a_time_out_and_the_message_arrived(bot: Bot, citizens: SandboxClient) -> None:
    await citizens.misbehave("telegram-answer-lost")
    with pytest.raises(TimedOut):
        await bot.send_message(AMINA, "Bonjour", read_timeout=0.3)
    arrived = await citizens.wait_for_telegram("amina-benali")
    assert (arrived.text, arrived.answer) == ("Bonjour", ANSWER_LOST)


async def test_a_text_of_a_citizen_becomes_an_update_with_the_secret(
    bot: Bot, citizens: SandboxClient, town: Town
) -> None:
    sent = await citizens.send_telegram("ngoc-anh-tran", "/nouvelle Bonjour à tous 🙂")
    assert sent.state is State.ACCEPTED
    assert town.received(WEBHOOK)[0].headers["x-telegram-bot-api-secret-token"] == "un-secret"
    message = update_of(town, bot).message
    assert message is not None
    assert (message.text, message.from_user.full_name) == ("/nouvelle Bonjour à tous 🙂", "Ngọc Ánh Trần")
    assert (message.chat.id, message.chat.type) == (710000106, "private")
    assert message.parse_entities(["bot_command"]).popitem()[1] == "/nouvelle"


async def test_every_kind_of_message_is_read_by_the_library(bot: Bot, citizens: SandboxClient, town: Town) -> None:
    files = {
        "photo": Attachment(name="trou.jpg", media_type="image/jpeg", content=b"\xff\xd8"),
        "document": Attachment(name="bail.pdf", media_type="application/pdf", content=b"%PDF"),
        "voice": Attachment(name="dit.ogg", media_type="audio/ogg", content=b"OggS"),
    }
    for file in files.values():
        await citizens.send_telegram("amina-benali", "légende", files=[file])
    await citizens.send_telegram("amina-benali", location=(48.85, 2.35))
    photo, document, voice, place = (update_of(town, bot, number).message for number in range(4))
    assert (photo.caption, document.document.file_name, voice.voice.mime_type) == ("légende", "bail.pdf", "audio/ogg")
    assert place.location.latitude == 48.85
    stored = await bot.get_file(photo.photo[-1].file_id)
    assert await stored.download_as_bytearray() == b"\xff\xd8"
    stored = await bot.get_file(document.document.file_id)
    assert await stored.download_as_bytearray() == b"%PDF"


async def test_an_album_is_several_updates_of_one_group(bot: Bot, citizens: SandboxClient, town: Town) -> None:
    pictures = [Attachment(name=f"{n}.jpg", media_type="image/jpeg", content=bytes([n])) for n in range(3)]
    await citizens.send_telegram("amina-benali", "l’album", files=pictures)
    messages = [update_of(town, bot, number).message for number in range(3)]
    assert len({message.media_group_id for message in messages}) == 1
    assert [message.caption for message in messages] == ["l’album", None, None]


async def test_a_correction_is_an_edited_message(bot: Bot, citizens: SandboxClient, town: Town) -> None:
    sent = await citizens.send_telegram("amina-benali", "rue des Tileuls")
    await citizens.send_telegram("amina-benali", "rue des Tilleuls", edits=int(sent.provider_id))
    edited = update_of(town, bot, 1).edited_message
    assert (edited.message_id, edited.text) == (int(sent.provider_id), "rue des Tilleuls")
    assert update_of(town, bot, 1).update_id > update_of(town, bot).update_id


async def test_an_update_is_sent_until_accepted_and_keeps_its_place(
    bot: Bot, citizens: SandboxClient, town: Town
) -> None:
    town.statuses.extend([503, 503])
    first = await citizens.send_telegram("amina-benali", "un")
    assert (first.state, first.answer) == (State.WAITING, "HTTP 503")
    second = await citizens.send_telegram("amina-benali", "deux")
    await citizens.answered(second)
    texts = [json.loads(seen.body)["message"]["text"] for seen in town.received(WEBHOOK)]
    assert texts == ["un", "un", "un", "deux"]
    assert (await citizens.answered(first)).attempts == 3
    info = await bot.get_webhook_info()
    assert info.pending_update_count == 0
    assert "503" in info.last_error_message


async def test_a_doubled_update_has_the_same_id(citizens: SandboxClient, town: Town) -> None:
    await citizens.misbehave("telegram-doubled-webhook")
    await citizens.send_telegram("amina-benali", "deux fois")
    first, second = town.received(WEBHOOK)
    assert first.body == second.body


async def test_any_update_can_be_sent(citizens: SandboxClient, town: Town) -> None:
    await citizens.send_update({"update_id": 5, "poll": {"étrange": True}})
    assert json.loads(town.received(WEBHOOK)[0].body) == {"update_id": 5, "poll": {"étrange": True}}


async def test_a_webhook_that_is_set_gets_the_updates_with_its_secret(
    bot: Bot, citizens: SandboxClient, town: Town
) -> None:
    await bot.set_webhook(f"{PUBLIC_URL}/autre", secret_token="nouveau")
    assert (await bot.get_webhook_info()).url == f"{PUBLIC_URL}/autre"
    await citizens.send_telegram("amina-benali", "Bonjour")
    assert town.received("/autre")[0].headers["x-telegram-bot-api-secret-token"] == "nouveau"


async def test_without_a_webhook_updates_wait(bot: Bot, citizens: SandboxClient, town: Town) -> None:
    await bot.delete_webhook()
    sent = await citizens.send_telegram("amina-benali", "Bonjour")
    assert sent.state is State.WAITING
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.set_webhook(f"{PUBLIC_URL}{WEBHOOK}", secret_token="un-secret")
    assert (await citizens.answered(sent)).state is State.ACCEPTED


async def test_somebody_new_can_be_answered_once_they_wrote(bot: Bot, citizens: SandboxClient) -> None:
    await citizens.send_telegram(text="Bonjour", writer_id=42, writer_name="Inconnue")
    await bot.send_message(42, "Bienvenue")
    assert (await citizens.wait_for_telegram(address="42")).text == "Bienvenue"
    await asyncio.sleep(0)


async def test_somebody_whose_updates_came_elsewhere_can_be_answered(bot: Bot, citizens: SandboxClient) -> None:
    with pytest.raises(BadRequest):
        await bot.send_message(43, "Bienvenue")
    await citizens.open_chats([43])
    await bot.send_message(43, "Bienvenue")
    assert (await citizens.wait_for_telegram(address="43")).answer == ""


def test_numbers_go_on_after_a_restart() -> None:
    from guichet_telegram.tile.bot import fresh_numbers  # noqa: PLC0415

    before: Any = next(fresh_numbers())
    assert 1_000_000 < before < 2**31
