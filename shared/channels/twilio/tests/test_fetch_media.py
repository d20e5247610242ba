from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from guichet.channel.draft import Draft
from guichet.channel.provider_files import FileLateError
from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_twilio.fetch_media import TwilioMedia
from guichet_twilio.read.parse_sms import parse_sms
from shared.channels.twilio.tests.account import NAME

FORM = {"MessageSid": "MM1", "From": "+33700990042", "To": "+33700000000", "Body": "Voici", "MediaUrl0": "https://x/a"}
Respond = Callable[[httpx.Request], httpx.Response]


async def complete(
    respond: Respond, max_bytes: int = 100, url: str = FORM["MediaUrl0"], *, patient: bool = True, **more: str
) -> Draft:
    transport = httpx.MockTransport(respond)
    async with httpx.AsyncClient(
        base_url="https://api.example", auth=("AC1", "t"), transport=transport, follow_redirects=True
    ) as api:
        incoming = parse_sms({**FORM, "MediaUrl0": url, **more}, name=NAME, arrived_at=datetime.now(UTC))
        return await TwilioMedia(api, max_bytes).complete(incoming, patient=patient)


async def test_the_file_is_fetched_where_twilio_points_without_our_credentials() -> None:
    seen: dict[str, bool] = {}

    def respond(request: httpx.Request) -> httpx.Response:
        seen[request.url.host] = "Authorization" in request.headers
        if request.url.host == "api.example":
            return httpx.Response(307, headers={"Location": "https://media.example/signed"})
        return httpx.Response(200, content=b"photo")

    assert [file.content for file in (await complete(respond)).files] == [b"photo"]
    assert seen == {"api.example": True, "media.example": False}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a",
        "https://x//evil.example/a",
        "//evil.example/a",
        "https://x/\\\\evil.example",
        "https://x@y",
        "x",
    ],
)
async def test_only_the_configured_host_sees_our_credentials(url: str) -> None:
    hosts: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(200)

    await complete(respond, url=url)
    assert hosts == ["api.example"]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_file_that_is_gone_is_named_in_the_text(status: int) -> None:
    draft = await complete(lambda _: httpx.Response(status))
    assert draft.content.text == "Voici\n[Fichier « fichier-1.bin » non récupéré : indisponible]"
    assert draft.files == ()


async def test_a_file_that_is_too_large_is_named_in_the_text() -> None:
    draft = await complete(lambda _: httpx.Response(200, content=b"x" * 101))
    assert "trop volumineux" in draft.content.text


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_what_may_come_later_is_waited_for(status: int) -> None:
    with pytest.raises(FileLateError):
        await complete(lambda _: httpx.Response(status))


async def test_what_never_comes_is_named_in_the_text_once_nobody_waits_for_it() -> None:
    draft = await complete(lambda _: httpx.Response(403), patient=False)
    assert draft.content.text == "Voici\n[Fichier « fichier-1.bin » non récupéré : indisponible]"
    assert ALARM.labels(Alarm.FILE_MISSING.value, "sms")._value.get() == 1


async def test_a_file_that_is_counted_and_not_listed_is_named_in_the_text() -> None:
    draft = await complete(lambda _: httpx.Response(200, content=b"photo"), NumMedia="2")
    assert draft.content.text == "Voici\n[Fichier « fichier-2.bin » non récupéré : indisponible]"


async def test_a_connection_that_breaks_is_waited_for() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(TransientError):
        await complete(respond)
