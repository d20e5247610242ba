"""Twilio's list over the wire, from a tiny server that answers as Twilio documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiohttp import BasicAuth, web

from guichet.errors import TransientError
from guichet_twilio.list_messages import TwilioMessageList
from guichet_twilio.read.listed_messages import ListedMessage

ACCOUNT = "AC00000000000000000000000000000000"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def resource(sid: str, *, media: int = 0, day: int = 2) -> dict[str, Any]:
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "direction": "inbound",
        "from": "+33700990042",
        "to": "+33700000000",
        "body": "Bonjour",
        "num_media": str(media),
        "date_created": f"Mon, 0{day} Mar 2026 08:00:00 +0000",
        "date_sent": None,
        "date_updated": f"Mon, 0{day} Mar 2026 09:00:00 +0000",
        "error_code": 30003,
        "status": "received",
        "uri": f"{ROOT}/{sid}.json",
    }


PAGES = [[resource("SM5", day=4)], [resource("SM4", day=3), resource("SM3", media=1)], [resource("SM2", day=1)], []]


@asynccontextmanager
async def twilio(status: int = 200, media_status: int = 200) -> AsyncIterator[tuple[TwilioMessageList, list[str]]]:
    """Answers newest first, a page after another."""
    asked: list[str] = []

    async def messages(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        assert request.headers["Authorization"] == BasicAuth(ACCOUNT, "token").encode()
        number = int(request.query.get("Page", 0))
        following = f"{ROOT}.json?To=%2B33700000000&PageSize=500&Page={number + 1}&PageToken=PASM"
        return web.json_response({"messages": PAGES[number], "next_page_uri": following}, status=status)

    async def media(_request: web.Request) -> web.Response:
        uri = f"{ROOT}/SM3/Media/ME1.json"
        listed = {"sid": "ME1", "parent_sid": "SM3", "content_type": "image/jpeg", "uri": uri, "account_sid": ACCOUNT}
        return web.json_response({"media_list": [listed], "next_page_uri": None}, status=media_status)

    app = web.Application()
    app.add_routes([web.get(f"{ROOT}.json", messages), web.get(f"{ROOT}/SM3/Media.json", media)])
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


async def everything(messages: TwilioMessageList, since: datetime = START) -> list[tuple[ListedMessage, ...]]:
    return [page async for page in messages.received_by("+33700000000", since)]


async def test_the_list_is_read_back_as_far_as_is_wanted_and_told_from_there() -> None:
    async with twilio() as (messages, asked):
        pages = await everything(messages)
        media = await messages.media("SM3")
    assert [[each.sid for each in page] for page in pages] == [["SM2"], ["SM4", "SM3"], ["SM5"]]
    third = pages[1][1]
    assert (third.direction, third.status, third.error_code, third.body, third.files) == (
        "inbound", "received", "30003", "Bonjour", 1,
    )  # fmt: skip
    assert third.created == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert third.updated == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert media == ((f"{ROOT}/SM3/Media/ME1", "image/jpeg"),)
    assert "To=%2B33700000000" in asked[0]
    assert not any("Page=3" in each for each in asked), "asked for what is older than is wanted"


async def test_what_is_recent_costs_one_question() -> None:
    async with twilio() as (messages, asked):
        [page] = await everything(messages, datetime(2026, 3, 9, tzinfo=UTC))
    assert [each.sid for each in page] == ["SM5"]
    assert len(asked) == 1


async def test_what_the_town_sent_is_listed_by_its_number() -> None:
    async with twilio() as (messages, asked):
        async for _ in messages.sent_from("whatsapp:+33700000001", datetime(2026, 3, 9, tzinfo=UTC)):
            pass
    assert "From=whatsapp%3A%2B33700000001" in asked[0]


async def test_a_page_that_moved_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with twilio() as (messages, _):
        pages = messages.received_by("+33700000000", START)
        await anext(pages)
        moved = [PAGES[0], [resource("SM4a"), resource("SM4")], [resource("SM3"), *PAGES[2]]]
        monkeypatch.setitem(globals(), "PAGES", moved)
        with pytest.raises(TransientError, match="moved"):
            await anext(pages)
        await pages.aclose()


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_refusal_is_waited_out(status: int) -> None:
    async with twilio(status) as (messages, _):
        with pytest.raises(TransientError):
            await everything(messages)


async def test_no_page_of_another_host_is_asked_for() -> None:
    """The account's credentials would go there."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "twilio.example", "the credentials of the account went to whom a page names"
        page = {"messages": [resource("SM5")], "next_page_uri": "https://elsewhere.example/Messages.json?Page=1"}
        return httpx.Response(200, json=page)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://twilio.example", transport=transport) as client:
        with pytest.raises(TransientError, match="another host"):
            await everything(TwilioMessageList(client, ACCOUNT))


async def test_pages_that_lead_back_to_themselves_end_the_round() -> None:
    asked = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        assert asked < 10, "the same pages are read for ever"
        return httpx.Response(
            200, json={"messages": [resource("SM5")], "next_page_uri": f"{ROOT}.json?Page={asked % 2}"}
        )

    async with httpx.AsyncClient(base_url="http://twilio.example", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(TransientError, match="circle"):
            await everything(TwilioMessageList(client, ACCOUNT))


async def test_files_that_are_gone_are_none() -> None:
    async with twilio(media_status=404) as (messages, _):
        assert await messages.media("SM3") == ()


async def test_files_that_twilio_does_not_list_for_now_are_waited_for() -> None:
    async with twilio(media_status=503) as (messages, _):
        with pytest.raises(TransientError):
            await messages.media("SM3")


async def test_no_server_is_waited_out() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client:
        with pytest.raises(TransientError):
            await everything(TwilioMessageList(client, ACCOUNT))


@pytest.mark.parametrize(
    "said", [b"", b"[]", b'{"messages": [{}]}', b'{"messages": [{"sid": 1, "date_created": "x"}]}']
)
async def test_an_answer_that_is_no_list_is_waited_out(said: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=said))
    async with httpx.AsyncClient(base_url="http://twilio.example", transport=transport) as client:
        with pytest.raises(TransientError):
            await everything(TwilioMessageList(client, ACCOUNT))
