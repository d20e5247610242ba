"""POST /webhooks/twilio/status: a provider's word on an outbound message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import DELIVERY_REPORTS
from guichet_testing.conformance.world import World
from guichet_twilio.channel import REPORTS
from guichet_twilio.read.form import read_form
from guichet_twilio.read.parse_status import parse_status
from shared.channels.twilio.tests.account import PUBLIC, TOKEN, lent, serving

TARGET = f"{REPORTS.path}?outbound_id=0f0c6d31a5f24c5d9b1c2d3e4f5a6b7c"


@asynccontextmanager
async def at(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(REPORTS, lent(world)) as web,
        httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://inside:1") as client,
    ):
        yield client


async def post(client: httpx.AsyncClient, form: dict[str, str], *, target: str = TARGET, forged: bool = False) -> int:
    body = urlencode(form).encode()
    signature = RequestValidator("no" if forged else TOKEN).compute_signature(PUBLIC + target, read_form(body))
    return (await client.post(target, content=body, headers={"X-Twilio-Signature": signature})).status_code


def word(status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": "SM9", "MessageStatus": status, "From": "+33700000000", "To": "+33700990042", **more}


def reports(world: World) -> list[DeliveryReported]:
    return [cast(DeliveryReported, event) for event in world.broker.on(DELIVERY_REPORTS)]


async def test_a_report_reaches_the_topic_under_the_outbound_id() -> None:
    world = World()
    async with at(world) as client:
        assert await post(client, word("undelivered", ErrorCode="30003")) == 204
    [report] = reports(world)
    assert report.outbound_id == world.broker.published[0].record_key == "0f0c6d31a5f24c5d9b1c2d3e4f5a6b7c"
    assert (report.status, report.error_code, report.channel) == ("undelivered", "30003", "sms")
    assert "700990042" not in world.in_clear()


async def test_the_same_report_twice_is_one_event_and_another_status_another() -> None:
    world = World()
    async with at(world) as client:
        for status in ("sent", "sent", "delivered"):
            await post(client, word(status))
    first, again, other = (report.event_id for report in reports(world))
    assert first == again != other


async def test_a_whatsapp_report_is_told_apart() -> None:
    world = World()
    async with at(world) as client:
        await post(client, word("read", To="whatsapp:+33700990042"))
    assert reports(world)[0].channel == "whatsapp"


async def test_a_forged_report_is_refused() -> None:
    world = World()
    async with at(world) as client:
        assert await post(client, word("delivered"), forged=True) == 403
    assert not world.broker.published
    assert not world.dead_letters


async def test_a_report_about_another_message_does_not_pass_under_the_same_signature() -> None:
    world = World()
    async with at(world) as client:
        body = urlencode(word("delivered")).encode()
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC + TARGET, read_form(body))
        answer = await client.post(f"{TARGET}0", content=body, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


async def test_a_report_without_an_outbound_id_is_put_aside() -> None:
    world = World()
    async with at(world) as client:
        assert await post(client, word("delivered"), target=REPORTS.path) == 204
    assert [topic for topic, _, _ in world.dead_letters] == ["delivery-reports"]
    [origin] = world.origins
    assert origin is not None
    assert (origin.provider, origin.target) == ("twilio", REPORTS.path)
    assert [each.value for each in origin.senders or ()] == ["+33700990042"], "whose it is, should they be erased"


async def test_while_the_broker_is_away_twilio_is_told_to_try_again() -> None:
    world = World()
    world.broker.away = True
    async with at(world) as client:
        assert await post(client, word("delivered")) == 503


@pytest.mark.parametrize(
    "changed",
    [
        {"MessageSid": "Perrine Vauquelin"},
        {"MessageStatus": "refused by Perrine Vauquelin"},
        {"ErrorCode": "unknown subscriber Perrine Vauquelin"},
    ],
)
async def test_a_provider_s_free_text_is_put_aside_sealed_instead_of_travelling_in_clear(
    changed: dict[str, str],
) -> None:
    world = World()
    async with at(world) as client:
        assert await post(client, word("failed") | changed) == 204
    assert not reports(world)
    assert "Vauquelin" not in world.in_clear()
    assert len(world.dead_letters) == 1


async def test_an_outbound_id_that_is_none_of_ours_travels_no_further() -> None:
    world = World()
    async with at(world) as client:
        assert await post(client, word("failed"), target=f"{REPORTS.path}?outbound_id=Perrine") == 204
    assert not reports(world)


def test_every_status_and_code_that_twilio_documents_is_read() -> None:
    for status in (
        "accepted",
        "scheduled",
        "queued",
        "sent",
        "delivered",
        "read",
        "undelivered",
        "canceled",
        "partially_delivered",
    ):
        read = parse_status(word(status, ErrorCode="63016"), "0" * 32, at=World().now())
        assert (read.status, read.error_code) == (status, "63016")
