"""What anybody on the network can send to Guichet's doors, full of canaries; none of it may be written down."""

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import httpx

from guichet_canary.writing.cast import Person
from guichet_canary.writing.desk import Desk
from guichet_local.stack import LocalStack
from guichet_twilio.tile.forms import sign

DOORS = ("agent-desk", "citizen-portal", "ops-console", "ingest-sms", "ingest-social")
WORKERS = (
    "ingest-email",
    "case-router",
    "notifier",
    "gdpr-worker",
    "search-indexer",
    "sender-mail",
    "sender-twilio",
    "sender-telegram",
)
HEALTH = {name: f"{name}-health" for name in (*DOORS, *WORKERS)}
WEB = (*DOORS, *HEALTH.values())


async def knock_everywhere(addresses: Mapping[str, str], who: Person) -> None:
    """Ask every web server for what it does not have, with values in path, query, headers, cookies and body."""
    async with httpx.AsyncClient(trust_env=False, headers=_headers(who)) as http:
        await asyncio.gather(*(_knock(http, addresses[name], who) for name in WEB))
    await asyncio.gather(*(_talk_nonsense(addresses[name], who) for name in WEB))


async def sign_in_wrongly(desk_url: str, who: Person) -> None:
    """Try to sign in with a person's name, address and telephone."""
    for name in (who.name, who.email, who.phone):
        async with Desk(desk_url) as desk:
            assert await desk.sign_in(name.value, who.text.value) == 401


async def send_unreadable_webhooks(stack: LocalStack, who: Person) -> None:
    """Send, rightly signed, what no adapter can read; and wrongly signed, what they could."""
    sms, social = stack.addresses["ingest-sms"], stack.addresses["ingest-social"]
    forms = [_form(who, From="", To=""), _form(who, From=f"messenger:{who.name.value}"), _form(who, MessageSid="")]
    async with httpx.AsyncClient(trust_env=False) as http:
        for form in forms:
            await _post_signed(http, f"{sms}/webhooks/twilio/messages", form, stack, 200)
        for status in _reports(who):
            await _post_signed(http, f"{sms}/webhooks/twilio/status?outbound_id={'ab' * 16}", status, stack, 204)
        await http.post(f"{sms}/webhooks/twilio/messages", data=forms[0], headers={"X-Twilio-Signature": "forged"})
        secret = {
            "X-Telegram-Bot-Api-Secret-Token": stack.environment_of("ingest-social")["GUICHET_TELEGRAM_WEBHOOK_SECRET"]
        }
        for body in _updates(who):
            answer = await http.post(f"{social}/webhooks/telegram", content=body, headers=secret)
            assert answer.status_code == 200, answer.status_code
        forged = await http.post(f"{social}/webhooks/telegram", content=_updates(who)[0])
        assert forged.status_code == 403


async def speak_lmtp_badly(address: str, who: Person) -> None:
    """Say to the mail port what no mail server says, break off in the middle."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    lines = [
        f"LHLO {who.email.value}",
        f"MAIL FROM:<{who.email.value}> {who.text.value}",
        f"VRFY {who.name.value}",
        f"MAIL FROM:<{who.email.value}>",
        f"RCPT TO:<{who.email.value}>",
        f"RCPT TO:<contact+{who.email.value.partition('@')[0]}@mairie.example>",
        f"{who.text.value}",
        "DATA",
        f"Subject: {who.subject.value}\r\n\r\n{who.text.value}",
    ]
    reader, writer = await asyncio.open_connection(host, int(port))
    await reader.readline()
    for line in lines:
        writer.write(line.encode() + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)
    writer.close()


def _headers(who: Person) -> httpx.Headers:
    trace = who.email.value.partition("@")[0]
    said = {
        "User-Agent": who.name.value,
        "Referer": f"https://courriel.example/?q={quote(who.subject.value)}",
        "X-Forwarded-For": who.phone.value,
        "X-Request-Id": who.name.value,
        "Authorization": f"Basic {who.name.value.encode().hex()}",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tracestate": f"vendor={trace}",
        "baggage": f"user={quote(who.name.value)}",
        "Cookie": f"guichet_session={trace}; langue={trace}",
        "Accept-Language": trace,
    }
    return httpx.Headers(said, encoding="utf-8")


async def _knock(http: httpx.AsyncClient, base: str, who: Person) -> None:
    paths = (
        f"/{quote(who.name.value)}",
        f"/demandes/{quote(who.subject.value)}",
        f"/suivi/{quote(who.email.value)}",
        f"/question/{quote(who.name.value)}",
        f"/bot{who.chat.value}:{quote(who.text.value)}/sendMessage",
        f"/demandes?etat={quote(who.text.value)}&page={quote(who.phone.value)}&langue={quote(who.name.value)}",
        f"/connexion?vers={quote(who.address.value)}",
        f"/webhooks/twilio/status?outbound_id={quote(who.email.value)}",
        f"/?q={quote(who.phone.value)}",
    )
    kind = httpx.Headers({"Content-Type": f"text/{who.text.value.split()[0]}"}, encoding="utf-8")
    for path in paths:
        await http.get(base + path)
        await http.post(
            base + path,
            content=who.text.value.encode(),
            headers=kind,
        )
    await http.put(f"{base}/", json={"text": who.text.value})


async def _talk_nonsense(base: str, who: Person) -> None:
    """Send bytes that are no HTTP."""
    where = urlsplit(base)
    for nonsense in (f"GET /{who.name.value} HTTP/9.9\r\n{who.text.value}\r\n\r\n", f"{who.text.value}\r\n\r\n"):
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(nonsense.encode())
        writer.write_eof()
        await reader.read()
        writer.close()


def _form(who: Person, **changed: str) -> dict[str, str]:
    usual = {
        "MessageSid": f"SM{who.chat.value}",
        "From": who.phone.value,
        "To": "+33639980001",
        "Body": f"{who.text.value} {who.address.value}",
        "ProfileName": who.name.value,
        "NumMedia": who.subject.value,
        "MediaUrl0": f"https://api.twilio.com/{who.file_name.value}",
        "MediaContentType0": f"application/x-{who.file_text.value}",
    }
    return usual | changed


def _reports(who: Person) -> list[dict[str, str]]:
    """Return status callbacks with a provider's own words where a code belongs, and one that cannot be read."""
    usual = {
        "MessageSid": "SM0123456789abcdef",
        "MessageStatus": "failed",
        "To": who.phone.value,
        "From": "+33639980001",
    }
    return [
        usual | {"ErrorCode": "30003", "ErrorMessage": f"{who.name.value}: {who.text.value}"},
        usual | {"ErrorCode": f"unknown subscriber {who.name.value}"},
        usual | {"MessageStatus": f"refused by {who.name.value}", "ErrorCode": who.subject.value},
        usual | {"MessageSid": who.file_name.value},
        usual | {"MessageSid": "", "ErrorCode": who.text.value},
    ]


def _updates(who: Person) -> list[bytes]:
    sender = {"id": int(who.chat.value), "first_name": who.name.value, "username": who.email.value}
    return [
        json.dumps({"update_id": who.name.value, "message": {"from": sender, "text": who.text.value}}).encode(),
        json.dumps(
            {"update_id": 1, "message": {"message_id": who.text.value, "from": sender, "chat": who.name.value}}
        ).encode(),
        json.dumps({"update_id": 2, who.subject.value: {"from": sender}}).encode(),
        f'{{"update_id": 3, "message": "{who.text.value}'.encode(),
        who.text.value.encode("utf-16"),
    ]


async def _post_signed(
    http: httpx.AsyncClient, url: str, form: dict[str, str], stack: LocalStack, expected: int
) -> None:
    token = stack.environment_of("ingest-sms")["GUICHET_TWILIO_AUTH_TOKEN"]
    answer = await http.post(url, data=form, headers={"X-Twilio-Signature": sign(url, form, token)})
    assert answer.status_code == expected, f"{url}: {answer.status_code}"
