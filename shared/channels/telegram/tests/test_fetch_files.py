import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from guichet.channel.draft import Draft
from guichet.errors import ThrottledError, TransientError
from guichet.privacy.pseudonyms import message_id
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_telegram.fetch_files import TelegramFiles
from guichet_telegram.read.update import IncomingTelegram, parse_update

PHOTO = (Path(__file__).with_name("fixtures") / "photo.json").read_bytes()
TOKEN = "7000000001:secret"
Respond = Callable[[httpx.Request], httpx.Response]


async def complete(respond: Respond, max_bytes: int = 100, *, patient: bool = True) -> Draft:
    incoming = parse_update(PHOTO, bot="7000000001", name=partial(message_id, b"k" * 32), arrived_at=datetime.now(UTC))
    assert isinstance(incoming, IncomingTelegram)
    async with httpx.AsyncClient(base_url="https://api.example", transport=httpx.MockTransport(respond)) as api:
        return await TelegramFiles(api, TOKEN, max_bytes).complete(incoming, patient=patient)


def telegram(content: bytes = b"photo", status: int = 200) -> Respond:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == f"/bot{TOKEN}/getFile":
            assert request.url.params["file_id"] == "largest"
            return httpx.Response(200, json={"ok": True, "result": {"file_path": "photos/file_1.jpg"}})
        assert request.url.path == f"/file/bot{TOKEN}/photos/file_1.jpg"
        return httpx.Response(status, content=content)

    return respond


def refusal(status: int, description: str, **parameters: int) -> Respond:
    said = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    return lambda _: httpx.Response(status, content=json.dumps(said))


async def test_a_file_is_fetched_by_its_path() -> None:
    draft = await complete(telegram())
    assert [(file.name, file.content) for file in draft.files] == [("photo.jpg", b"photo")]


@pytest.mark.parametrize(
    ("respond", "why"),
    [
        (refusal(400, "Bad Request: file is too big"), "trop volumineux"),
        (refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), "indisponible"),
        (telegram(b"x" * 101), "trop volumineux"),
    ],
)
async def test_a_file_that_never_comes_is_named_in_the_text(respond: Respond, why: str) -> None:
    draft = await complete(respond)
    assert draft.content.text == f"Voici le trou\n[Fichier « photo.jpg » non récupéré : {why}]"
    assert draft.files == ()


async def test_telegram_s_pause_is_obeyed() -> None:
    with pytest.raises(ThrottledError) as pause:
        await complete(refusal(429, "Too Many Requests", retry_after=7))
    assert pause.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("content", [b"<html>Maintenance</html>", b"[]", b'{"ok": true, "result": null}'])
async def test_an_answer_that_is_not_telegram_s_is_waited_for(content: bytes) -> None:
    with pytest.raises(TransientError):
        await complete(lambda _: httpx.Response(200, content=content))


@pytest.mark.parametrize("respond", [refusal(401, "Unauthorized"), refusal(502, "Bad Gateway"), telegram(status=500)])
async def test_what_may_come_later_is_waited_for(respond: Respond) -> None:
    with pytest.raises(TransientError):
        await complete(respond)


async def test_a_broken_connection_names_no_token() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(str(request.url), request=request)

    with pytest.raises(TransientError) as error:
        await complete(respond)
    assert TOKEN not in str(error.value)
    assert TOKEN not in "".join(traceback.format_exception(error.value))


async def test_what_nobody_waits_for_any_more_is_named_in_the_text() -> None:
    draft = await complete(refusal(502, "Bad Gateway"), patient=False)
    assert draft.content.text == "Voici le trou\n[Fichier « photo.jpg » non récupéré : indisponible]"
    assert ALARM.labels(Alarm.FILE_MISSING.value, "telegram")._value.get() == 1
