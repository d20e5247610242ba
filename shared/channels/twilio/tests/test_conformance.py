"""All that Guichet asks of a channel, asked of SMS and of WhatsApp: guichet_testing.conformance."""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from guichet_testing.conformance import Payloads, ProviderApi, Published, Reply, Report, Request, channel_suite
from guichet_twilio.addresses import TWILIO_STATUS
from guichet_twilio.channel import SMS, WHATSAPP
from shared.channels.twilio.tests.account import API, NUMBER, PUBLIC, TOKEN

PERSON, PHONE = "Perrine Vauquelin", "+33700990042"
SID = "SM" + "7" * 32


SET = {
    "GUICHET_TWILIO_ACCOUNT_SID": "AC1",
    "GUICHET_TWILIO_AUTH_TOKEN": TOKEN,
    "GUICHET_TWILIO_API_URL": API,
    "GUICHET_TWILIO_NUMBER": NUMBER,
    "GUICHET_TWILIO_WHATSAPP_NUMBER": NUMBER,
    "GUICHET_TWILIO_PUBLIC_URL": PUBLIC,
}


class Api(ProviderApi):
    """Twilio's answers. Sources: twilio.com/docs/messaging/api/message-resource, twilio.com/docs/api/errors."""

    variable = "GUICHET_TWILIO_API_URL"
    accepted = Reply(201, {"sid": SID, "status": "queued", "body": "x"})
    broken = Reply(500, {"code": 20500, "message": "An internal server error has occurred", "status": 500})
    denied = Reply(401, {"code": 20003, "message": "Authenticate", "status": 401})
    unknown_refusal = Reply(400, {"code": 99999, "message": "Something new", "status": 400})
    settled_id = SID

    def refusal(self, code: str) -> Reply:
        return Reply(400, {"code": int(code), "message": "No", "status": 400})

    def listed(self, text: str) -> Reply:
        found = {"sid": SID, "status": "sent", "body": text}
        return Reply(200, {"messages": [found], "page": 0, "page_size": 50, "next_page_uri": None})


class TwilioPayloads(Payloads):
    """Twilio's forms. prefix: of WhatsApp's addresses."""

    environment = SET
    address = PHONE
    personal = (PERSON, PHONE, PHONE.removeprefix("+"))
    captures = Path(__file__).with_name("fixtures")
    api = Api()
    published = Published(  # twilio.com/docs/usage/webhooks/webhooks-security, "Example with Python"
        environment={"GUICHET_TWILIO_AUTH_TOKEN": "12345", "GUICHET_TWILIO_PUBLIC_URL": "https://mycompany.com"},
        body=b"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212",
        headers={"x-twilio-signature": "GvWf1cFY/Q7PnoempGyD5oXAezc="},
        at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        target="/myapp.php?foo=1&bar=2",
    )
    prefix = ""

    def message(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        form = {
            "MessageSid": provider_id and f"SM{provider_id}",
            "From": f"{self.prefix}{PHONE}",
            "To": f"{self.prefix}{NUMBER}",
            "ProfileName": PERSON,
            "Body": text,
            "NumMedia": str(len(files)),
        }
        for place, content in enumerate(files):
            form[f"MediaUrl{place}"] = f"{API}/media?content={base64.urlsafe_b64encode(content).decode()}"
            form[f"MediaContentType{place}"] = "application/pdf"
        return urlencode(form).encode()

    def unreadable(self) -> bytes:
        return urlencode({"MessageSid": "SM1", "From": f"{self.prefix}{PHONE}", "Body": PERSON}).encode()

    def oversize(self, most_bytes: int) -> bytes:
        return b"Body=" + b"x" * most_bytes

    def report(self, outbound_id: str, status: str) -> Report:
        form = {"MessageSid": SID, "MessageStatus": status, "To": f"{self.prefix}{PHONE}", "ErrorCode": "30003"}
        return Report(urlencode(form).encode(), f"{TWILIO_STATUS}?{urlencode({'outbound_id': outbound_id})}")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Mapping[str, str]]:
        async with self.api.serving(_file) as wire:
            yield self.api.environment(wire.address)


def _file(request: Request) -> Reply:
    """Return the file that a form names, to the account alone."""
    if request.headers.get("authorization") != httpx.BasicAuth("AC1", TOKEN)._auth_header:
        return Reply(401)
    asked = parse_qs(urlsplit(request.path).query)
    return Reply(200, base64.urlsafe_b64decode(asked["content"][0]) if "content" in asked else b"a file of a capture")


class WhatsappPayloads(TwilioPayloads):
    """The same on WhatsApp."""

    prefix = "whatsapp:"


TestSms = channel_suite(SMS, TwilioPayloads())
TestWhatsapp = channel_suite(WHATSAPP, WhatsappPayloads())
