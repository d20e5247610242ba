"""Twilio's list over the wire, from a tiny server that answers as Twilio documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiohttp import BasicAuth, web

from guichet.errors import TransientError
from ingest_sms.message_list import TwilioMessageList

ACCOUNT = "AC00000000000000000000000000000000"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def resource(sid: str, *, media: int = 0, direction: str = "inbound") -> dict[str, Any]:
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "direction": direction,
        "from": "+33700990042",
        "to": "+33700000000",
        "body": "Bonjour",
        "num_media": str(media),
        "date_created": "Mon, 02 Mar 2026 08:00:00 +0000",
        "date_sent": "Mon, 02 Mar 2026 08:00:00 +0000",
        "date_updated": "Mon, 02 Mar 2026 08:00:00 +0000",
        "status": "received",
        "uri": f"{ROOT}/{sid}.json",
    }


@asynccontextmanager
async def twilio(status: int = 200, media_status: int = 200) -> AsyncIterator[tuple[TwilioMessageList, list[str]]]:
    asked: list[str] = []

    async def messages(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        assert request.headers["Authorization"] == BasicAuth(ACCOUNT, "token").encode()
        last = "Page" in request.query
        following = None if last else f"{ROOT}.json?To=%2B33700000000&PageSize=500&Page=1&PageToken=PASM1"
        page = [resource("SM2", media=1)] if last else [resource("SM1")]
        return web.json_response({"messages": page, "next_page_uri": following, "page_size": 500}, status=status)

    async def media(_request: web.Request) -> web.Response:
        uri = f"{ROOT}/SM2/Media/ME1.json"
        listed = {"sid": "ME1", "parent_sid": "SM2", "content_type": "image/jpeg", "uri": uri, "account_sid": ACCOUNT}
        return web.json_response({"media_list": [listed], "next_page_uri": None}, status=media_status)

    app = web.Application()
    app.add_routes([web.get(f"{ROOT}.json", messages), web.get(f"{ROOT}/SM2/Media.json", media)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/", auth=(ACCOUNT, "token")) as client:
            yield TwilioMessageList(client, ACCOUNT), asked
    finally:
        await runner.cleanup()


async def test_every_page_is_read_with_its_files() -> None:
    async with twilio() as (messages, asked):
        first, second = await messages.since(START, ["+33700000000"])
        media = await messages.media("SM2")
    assert (first.sid, first.direction, first.body, first.files) == ("SM1", "inbound", "Bonjour", 0)
    assert first.created == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert (second.sid, second.files) == ("SM2", 1)
    assert media == ((f"{ROOT}/SM2/Media/ME1", "image/jpeg"),)
    assert "To=%2B33700000000" in asked[0]
    assert "2026-03-01" in asked[0]


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_refusal_is_waited_out(status: int) -> None:
    async with twilio(status) as (messages, _):
        with pytest.raises(TransientError):
            await messages.since(START, ["+33700000000"])


async def test_files_that_are_gone_are_none() -> None:
    async with twilio(media_status=404) as (messages, _):
        assert await messages.media("SM2") == ()


async def test_files_that_twilio_does_not_list_for_now_are_waited_for() -> None:
    async with twilio(media_status=503) as (messages, _):
        with pytest.raises(TransientError):
            await messages.media("SM2")


async def test_no_server_is_waited_out() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client:
        with pytest.raises(TransientError):
            await TwilioMessageList(client, ACCOUNT).since(START, ["+33700000000"])


@pytest.mark.parametrize(
    "said", [b"", b"[]", b'{"messages": [{}]}', b'{"messages": [{"sid": 1, "date_created": "x"}]}']
)
async def test_an_answer_that_is_no_list_is_waited_out(said: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=said))
    async with httpx.AsyncClient(base_url="http://twilio.example", transport=transport) as client:
        with pytest.raises(TransientError):
            await TwilioMessageList(client, ACCOUNT).since(START, ["+33700000000"])
