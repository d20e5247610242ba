"""The fake Twilio, driven by the unmodified official SDK and checked by its validator."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from citizen_sandbox.play.entry import Attachment, State
from guichet_testing.doors.sandbox import PUBLIC_URL, Running, Town
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_twilio.tile.errors import TwilioError
from guichet_twilio.tile.message_list import read_filter

SID, TOKEN = "AC" + "0" * 32, "un-jeton"
TOWN, WHATSAPP, AMINA = "+33939000000", "whatsapp:+33939000001", "+33639980101"
CALLBACK = f"{PUBLIC_URL}/webhooks/twilio/status?outbound=abc"
INBOUND = "/webhooks/twilio/messages"


def sdk(sandbox: Running, token: str = TOKEN, timeout: float = 10) -> Client:
    client = Client(SID, token, http_client=TwilioHttpClient(timeout=timeout))
    client.api.base_url = sandbox.url
    return client


async def send(sandbox: Running, *, timeout: float = 10, **message: Any) -> Any:
    message = {"from_": TOWN, "to": AMINA, "body": "Bonjour"} | message
    return await asyncio.to_thread(lambda: sdk(sandbox, timeout=timeout).messages.create(**message))


async def test_an_sms_of_the_town_reaches_the_telephone(sandbox: Running, citizens: SandboxClient) -> None:
    created = await send(sandbox, body="Votre demande 2026-7F3K-29Q : http://127.0.0.1:8001/suivi/abc")
    assert (created.status, created.direction, created.sid[:2]) == ("queued", "outbound-api", "SM")
    arrived = await citizens.wait_for_sms("amina-benali")
    assert arrived.provider_id == created.sid
    assert arrived.links == ["http://127.0.0.1:8001/suivi/abc"]


async def test_two_people_share_one_telephone(sandbox: Running, citizens: SandboxClient) -> None:
    await send(sandbox, to="+33639980102")
    assert (await citizens.wait_for_sms("louis-marchand")).id == (await citizens.wait_for_sms("jeanne-marchand")).id


async def test_status_callbacks_follow_in_order_signed_on_the_public_address(
    sandbox: Running, citizens: SandboxClient, town: Town
) -> None:
    created = await send(sandbox, status_callback=CALLBACK)
    seen = await town.received_times("/webhooks/twilio/status", 2)
    assert [one.form["MessageStatus"] for one in seen] == ["sent", "delivered"]
    assert {one.form["MessageSid"] for one in seen} == {created.sid}
    assert seen[0].path == "/webhooks/twilio/status?outbound=abc"
    for one in seen:
        assert RequestValidator(TOKEN).validate(CALLBACK, one.form, one.headers["x-twilio-signature"])
    fetched = await asyncio.to_thread(lambda: sdk(sandbox).messages(created.sid).fetch())
    assert fetched.status == "delivered"


@pytest.mark.parametrize(
    ("trouble", "statuses"),
    [
        ("twilio-doubled-status", ["sent", "sent", "delivered", "delivered"]),
        ("twilio-reordered-status", ["delivered", "sent"]),
        ("twilio-undelivered", ["sent", "undelivered"]),
    ],
)
async def test_status_callbacks_misbehave_on_demand(
    sandbox: Running, citizens: SandboxClient, town: Town, trouble: str, statuses: list[str]
) -> None:
    await citizens.misbehave(trouble)
    await send(sandbox, status_callback=CALLBACK)
    seen = await town.received_times("/webhooks/twilio/status", len(statuses))
    assert [one.form["MessageStatus"] for one in seen] == statuses


async def test_an_undelivered_message_says_why_and_reaches_nobody(
    sandbox: Running, citizens: SandboxClient, town: Town
) -> None:
    await citizens.misbehave("twilio-undelivered")
    await send(sandbox, status_callback=CALLBACK)
    seen = await town.received_times("/webhooks/twilio/status", 2)
    assert seen[-1].form["ErrorCode"] == "30003"
    assert await citizens.entries("amina-benali") == []


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"to": "0639980101"}, 400, 21211),
        ({"from_": "+33611111111"}, 400, 21659),
        ({"body": ""}, 400, 21602),
        ({"body": "a" * 1601}, 400, 21617),
        ({"from_": WHATSAPP}, 400, 21910),
        ({"from_": "whatsapp:+33611111111", "to": f"whatsapp:{AMINA}"}, 400, 63007),
    ],
)
async def test_a_wrong_message_is_refused_in_twilios_words(
    sandbox: Running, citizens: SandboxClient, wrong: dict[str, str], status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await send(sandbox, **wrong)
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_a_wrong_token_is_a_401_of_twilio(sandbox: Running) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(lambda: sdk(sandbox, "faux").api.accounts(SID).fetch())
    assert (refused.value.status, refused.value.code) == (401, 20003)


async def test_credentials_can_be_checked_by_fetching_the_account(sandbox: Running) -> None:
    account = await asyncio.to_thread(lambda: sdk(sandbox).api.accounts(SID).fetch())
    assert account.status == "active"


async def test_an_unknown_message_is_a_404(sandbox: Running, citizens: SandboxClient) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(lambda: sdk(sandbox).messages("SM" + "1" * 32).fetch())
    assert (refused.value.status, refused.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [("twilio-throttled", 429), ("twilio-error", 500), ("twilio-unsubscribed", 400)],
)
async def test_the_next_sends_fail_and_no_more(
    sandbox: Running, citizens: SandboxClient, trouble: str, status: int
) -> None:
    await citizens.misbehave(trouble, count=2)
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            await send(sandbox)
        assert refused.value.status == status
    await send(sandbox)
    assert len(await citizens.entries("amina-benali")) == 1


async def test_a_429_says_how_long_to_wait(sandbox: Running, citizens: SandboxClient) -> None:
    await citizens.misbehave("twilio-throttled", retry_after=7)
    async with httpx.AsyncClient(base_url=sandbox.url, auth=(SID, TOKEN)) as http:
        answer = await http.post(f"/2010-04-01/Accounts/{SID}/Messages.json")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["code"] == 20429


async def test_a_lost_answer_is_a_time_out_and_the_message_can_be_found(
    sandbox: Running, citizens: SandboxClient
) -> None:
    await citizens.misbehave("twilio-answer-lost")
    before = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(RequestException):
        await send(sandbox, body="perdue ?", timeout=0.5)
    await citizens.wait_for_sms("amina-benali")
    found = await asyncio.to_thread(lambda: sdk(sandbox).messages.list(to=AMINA, from_=TOWN, date_sent_after=before))
    assert [message.body for message in found] == ["perdue ?"]


async def test_an_sms_of_a_citizen_is_signed_on_the_public_address(citizens: SandboxClient, town: Town) -> None:
    sent = await citizens.send_sms("amina-benali", "Un nid-de-poule 🕳️ rue des Tilleuls\n")
    assert (sent.state, sent.answer, sent.attempts) == (State.ACCEPTED, "HTTP 204", 1)
    (seen,) = town.received(INBOUND)
    assert seen.form["MessageSid"] == sent.provider_id
    assert (seen.form["From"], seen.form["To"]) == (AMINA, TOWN)
    assert seen.form["Body"] == "Un nid-de-poule 🕳️ rue des Tilleuls\n"
    signature = seen.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(PUBLIC_URL + INBOUND, seen.form, signature)
    assert not RequestValidator(TOKEN).validate(f"http://127.0.0.1{INBOUND}", seen.form, signature)


async def test_fields_of_the_form_can_be_replaced_and_are_signed_too(citizens: SandboxClient, town: Town) -> None:
    await citizens.send_sms(phone="+33639980199", text="x", params={"MessageSid": "", "Nouveau": "é"})
    (seen,) = town.received(INBOUND)
    assert (seen.form["MessageSid"], seen.form["Nouveau"]) == ("", "é")
    assert RequestValidator(TOKEN).validate(PUBLIC_URL + INBOUND, seen.form, seen.headers["x-twilio-signature"])


async def test_a_refused_sms_is_not_tried_again_but_stays_listed(
    sandbox: Running, citizens: SandboxClient, town: Town
) -> None:
    town.statuses.append(503)
    sent = await citizens.send_sms("amina-benali", "Bonjour")
    assert (sent.state, sent.answer) == (State.REFUSED, "HTTP 503")
    await asyncio.sleep(0.3)
    assert len(town.received(INBOUND)) == 1
    listed = await asyncio.to_thread(lambda: sdk(sandbox).messages.list(to=TOWN))
    assert [(one.sid, one.direction) for one in listed] == [(sent.provider_id, "inbound")]


async def test_a_webhook_is_doubled_or_lost_on_demand(citizens: SandboxClient, town: Town) -> None:
    await citizens.misbehave("twilio-doubled-webhook")
    await citizens.send_sms("amina-benali", "deux fois")
    first, second = town.received(INBOUND)
    assert first.form == second.form
    await citizens.misbehave("twilio-lost-webhook")
    assert (await citizens.send_sms("amina-benali", "jamais")).state is State.REFUSED
    assert len(town.received(INBOUND)) == 2


async def test_a_webhook_comes_again_long_after(citizens: SandboxClient, town: Town) -> None:
    sent = await citizens.send_sms("amina-benali", "deux fois")
    assert await citizens.send_again(sent) == "HTTP 204"
    first, second = town.received(INBOUND)
    assert first.form == second.form
    assert first.headers["x-twilio-signature"] == second.headers["x-twilio-signature"]


async def test_a_picture_is_fetched_as_at_twilio(sandbox: Running, citizens: SandboxClient, town: Town) -> None:
    picture = Attachment(name="trou.jpg", media_type="image/jpeg", content=b"\xff\xd8image")
    sent = await citizens.send_sms("amina-benali", "Voici", files=[picture])
    (seen,) = town.received(INBOUND)
    assert (seen.form["NumMedia"], seen.form["MediaContentType0"]) == ("1", "image/jpeg")
    url = seen.form["MediaUrl0"]
    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).status_code == 401
        assert (await http.get(url, auth=(SID, TOKEN))).status_code == 307
        answer = await http.get(url, auth=(SID, TOKEN), follow_redirects=True)
    assert (answer.content, answer.headers["content-type"]) == (b"\xff\xd8image", "image/jpeg")
    media_sid = url.rsplit("/", 1)[-1]
    media = await asyncio.to_thread(lambda: sdk(sandbox).messages(sent.provider_id).media(media_sid).fetch())
    assert media.content_type == "image/jpeg"


async def test_whatsapp_goes_both_ways_within_24_hours(sandbox: Running, citizens: SandboxClient, town: Town) -> None:
    sent = await citizens.send_sms("amina-benali", "Bonjour", whatsapp=True)
    (seen,) = town.received(INBOUND)
    assert (seen.form["From"], seen.form["WaId"]) == (f"whatsapp:{AMINA}", "33639980101")
    assert (seen.form["ProfileName"], sent.channel) == ("Amina Benali", "whatsapp")
    await send(sandbox, from_=WHATSAPP, to=f"whatsapp:{AMINA}")
    assert (await citizens.wait_for_whatsapp("amina-benali")).text == "Bonjour"


async def test_whatsapp_fails_for_whoever_has_not_written(
    sandbox: Running, citizens: SandboxClient, town: Town
) -> None:
    await send(sandbox, from_=WHATSAPP, to=f"whatsapp:{AMINA}", status_callback=CALLBACK)
    (seen,) = await town.received_times("/webhooks/twilio/status", 1)
    assert (seen.form["MessageStatus"], seen.form["ErrorCode"]) == ("failed", "63016")


async def test_listing_pages_through_everything_newest_first(sandbox: Running, citizens: SandboxClient) -> None:
    sent = [(await citizens.send_sms("amina-benali", f"n° {number}")).provider_id for number in range(7)]
    await send(sandbox)
    listed = await asyncio.to_thread(lambda: sdk(sandbox).messages.list(to=TOWN, page_size=3))
    assert [message.sid for message in listed] == sent[::-1]
    limited = await asyncio.to_thread(lambda: sdk(sandbox).messages.list(from_=AMINA, limit=2))
    assert [message.sid for message in limited] == sent[:-3:-1]


async def test_a_page_does_not_shift_when_messages_come_in(sandbox: Running, citizens: SandboxClient) -> None:
    sent = [(await citizens.send_sms("amina-benali", str(number))).provider_id for number in range(4)]
    page = await asyncio.to_thread(lambda: sdk(sandbox).messages.page(to=TOWN, page_size=2))
    await citizens.send_sms("amina-benali", "entre-temps")
    following = await asyncio.to_thread(page.next_page)
    assert [message.sid for message in following] == sent[1::-1]


async def test_listing_filters_by_date(sandbox: Running, citizens: SandboxClient) -> None:
    await citizens.send_sms("amina-benali", "aujourd’hui")
    now = datetime.now(UTC)
    messages = sdk(sandbox).messages

    def count(**dates: Any) -> int:
        return len(messages.list(to=TOWN, **dates))

    assert await asyncio.to_thread(count, date_sent=now.date()) == 1
    assert await asyncio.to_thread(count, date_sent_after=now - timedelta(minutes=1)) == 1
    assert await asyncio.to_thread(count, date_sent_after=now + timedelta(minutes=1)) == 0
    assert await asyncio.to_thread(count, date_sent_before=now + timedelta(minutes=1)) == 1
    assert await asyncio.to_thread(count, date_sent_before=now - timedelta(days=2)) == 0


async def test_the_asynchronous_client_of_the_sdk_works_too(sandbox: Running, citizens: SandboxClient) -> None:
    http = AsyncTwilioHttpClient()
    client = Client(SID, TOKEN, http_client=http)
    client.api.base_url = sandbox.url
    created = await client.messages.create_async(from_=TOWN, to=AMINA, body="Bonjour")
    listed = await client.messages.list_async(to=AMINA)
    await http.close()
    assert [message.sid for message in listed] == [created.sid]


def test_a_date_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(TwilioError, match="Invalid date: hier"):
        read_filter({"DateSent>": "hier"})
