import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx

from guichet.channel.payload import Payload
from guichet.contracts.topics import INBOUND_SMS
from guichet_testing.conformance.signed import SignedConformance
from guichet_testing.conformance.sources import OpenSource, Source, web_source
from guichet_testing.conformance.verdicts import broken_promises
from guichet_testing.conformance.world import World
from guichet_twilio.channel import MESSAGES, MOST_BYTES
from guichet_twilio.fetch_media import TwilioMedia
from guichet_twilio.read.form import Form
from guichet_twilio.read.signature import TwilioSignature
from guichet_twilio.webhooks import TwilioMessages
from shared.channels.twilio.tests.account import API, PUBLIC, SETTINGS, TOKEN, lent, serving


def signed(body: bytes) -> Mapping[str, str]:
    return MESSAGES.sign(SETTINGS, Payload(body, datetime.now(UTC), target=MESSAGES.path))


class SmsConformance(SignedConformance):
    topic = INBOUND_SMS
    personal = ("Perrine Vauquelin", "+33700990042", "33700990042")
    prefix = "whatsapp:"
    signature: type[TwilioSignature] = TwilioSignature

    def open(self, world: World) -> OpenSource:
        return self._open(world)

    @asynccontextmanager
    async def _open(self, world: World) -> AsyncIterator[Source]:
        transport = httpx.MockTransport(self._api)
        async with httpx.AsyncClient(base_url=API, auth=("AC1", TOKEN), transport=transport) as api:
            host = lent(world)
            incoming = TwilioMessages(self.signature(PUBLIC, TOKEN), host, TwilioMedia(api).complete)
            async with (
                serving(replace(MESSAGES, open=lambda *_: nullcontext(incoming)), host) as web,
                web_source(web, MESSAGES.path, sign=signed, proof_header="X-Twilio-Signature") as source,
            ):
                yield source

    def _api(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != httpx.BasicAuth("AC1", TOKEN)._auth_header:
            return httpx.Response(401)
        return httpx.Response(200, content=base64.urlsafe_b64decode(request.url.params["content"]))

    def payload(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        form = {
            "MessageSid": provider_id and f"SM{provider_id}",
            "From": f"{self.prefix}{self.personal[1]}",
            "To": f"{self.prefix}+33700000000",
            "ProfileName": self.personal[0],
            "Body": text,
            "NumMedia": str(len(files)),
        }
        for place, content in enumerate(files):
            form[f"MediaUrl{place}"] = f"{API}/media?content={base64.urlsafe_b64encode(content).decode()}"
            form[f"MediaContentType{place}"] = "application/pdf"
        return urlencode(form).encode()

    def unreadable(self) -> bytes:
        return urlencode({"MessageSid": "SM1", "Body": "Perrine Vauquelin"}).encode()

    def oversize(self) -> bytes:
        return b"Body=" + b"x" * MOST_BYTES


class TestWhatsapp(SmsConformance):
    """WhatsApp through Twilio keeps every promise."""


class TestSms(SmsConformance):
    """So does SMS."""

    prefix = ""


class VerifiesNothing(TwilioSignature):
    def verify(self, target: str, form: Form, headers: Mapping[str, str]) -> None:
        pass


class VerifiesTheProxiedAddress(TwilioSignature):
    def verify(self, target: str, form: Form, headers: Mapping[str, str]) -> None:
        TwilioSignature("http://10.0.0.7:8080", TOKEN).verify(target, form, headers)


async def test_the_suite_sees_an_adapter_that_verifies_nothing() -> None:
    suite = SmsConformance()
    suite.signature = VerifiesNothing
    sentences = await broken_promises(suite)
    assert "200 instead of 403" in sentences["test_what_is_forged_is_refused_and_goes_nowhere"]


async def test_the_suite_sees_an_adapter_that_verifies_the_proxied_address() -> None:
    suite = SmsConformance()
    suite.signature = VerifiesTheProxiedAddress
    sentences = await broken_promises(suite)
    assert "public address" in sentences["test_the_proof_is_checked_on_the_public_address"]
