"""The Telegram sender: python-telegram-bot against the sandbox's Telegram."""

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.outgoing.outcomes import Doubtful, failed, sent
from guichet.errors import ThrottledError, TransientError
from guichet_telegram.send import TelegramSender
from guichet_testing.doors.sandbox import TELEGRAM_TOKEN, free_port


@pytest.fixture
async def sender(providers):
    sender = TelegramSender(TELEGRAM_TOKEN, f"{providers.url}/")
    await sender.start()
    yield sender
    await sender.stop()


async def test_a_message_arrives_in_the_citizens_chat(sender, sandbox, letter_of):
    assert await sender.send(letter_of("telegram")) == sent()
    entry = await sandbox.wait_for_telegram("amina-benali")
    assert entry.text == letter_of().text


async def test_markup_in_an_answer_stays_what_the_agent_typed(sender, sandbox, letter_of):
    await sender.send(letter_of("telegram", text="2 * 3 _ <b> [lien](x)"))
    assert (await sandbox.wait_for_telegram("amina-benali")).text == "2 * 3 _ <b> [lien](x)"


async def test_retry_after_is_taken_from_the_answer(sender, sandbox, letter_of):
    await sandbox.misbehave("telegram-throttled", retry_after=7)
    with pytest.raises(ThrottledError) as caught:
        await sender.send(letter_of("telegram"))
    assert caught.value.retry_after == timedelta(seconds=7)


async def test_who_blocked_the_bot_is_not_written_to(sender, sandbox, letter_of):
    await sandbox.misbehave("telegram-blocked")
    assert await sender.send(letter_of("telegram")) == failed("blocked")


async def test_a_chat_that_does_not_exist_fails(sender, sandbox, letter_of):
    assert await sender.send(letter_of("telegram", recipient="1")) == failed("unknown-chat")


async def test_too_long_a_text_fails(sender, sandbox, letter_of):
    assert await sender.send(letter_of("telegram", text="a" * 5000)) == failed("too-long")


async def test_an_error_that_telegram_itself_answers_leaves_no_doubt(sender, sandbox, letter_of):
    """So an hour of them uses up none of the two sends that a doubt allows."""
    await sandbox.misbehave("telegram-error")
    with pytest.raises(TransientError, match="NetworkError"):
        await sender.send(letter_of("telegram"))


async def test_what_a_gateway_answers_in_its_place_leaves_the_outcome_open(letter_of):
    async def gateway(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        page = b"<html>502 Bad Gateway</html>"
        writer.write(
            b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(gateway, "127.0.0.1", 0) as server:
        sender = TelegramSender(TELEGRAM_TOKEN, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await sender.start()
        assert await sender.send(letter_of("telegram")) == Doubtful("connection-lost")
        await sender.stop()


async def test_a_lost_answer_leaves_the_outcome_open(sender, sandbox, letter_of, monkeypatch):
    monkeypatch.setattr(TelegramSender, "patience", timedelta(seconds=1))
    await sandbox.misbehave("telegram-answer-lost")
    assert await sender.send(letter_of("telegram")) == Doubtful("timed-out")


async def test_a_token_that_telegram_does_not_know_is_an_operators_to_mend(providers, letter_of):
    sender = TelegramSender("1:faux", providers.url)
    with pytest.raises(TransientError):
        await sender.send(letter_of("telegram"))
    await sender.stop()


async def test_telegram_out_of_reach_is_no_outcome(letter_of):
    with free_port() as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    sender = TelegramSender(TELEGRAM_TOKEN, url)
    with pytest.raises(TransientError):
        await sender.send(letter_of("telegram"))
    await sender.stop()
