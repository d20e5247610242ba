"""A provider that takes letters as JSON: what each of its answers means. The conformance suite asks the rest."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from guichet.channel.outgoing.json_sender import JsonSender
from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Doubtful, Outcome, failed, sent
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.errors import GuichetError, PermanentError, ThrottledError, TransientError
from guichet.ids import MessageId

LETTER = Letter(MessageId("out"), "pigeon", "mairie", "loft-7", "Reçu")


class Pigeon(JsonSender):
    name = "pigeon"

    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        return "/release", {"to": letter.recipient, "note": letter.text}


def pigeon(answer: httpx.Response | Exception, token: str = "jeton d’été") -> Pigeon:
    def respond(request: httpx.Request) -> httpx.Response:
        shown = dict(request.headers.raw).get(b"Authorization", b"")
        assert shown == (f"Bearer {token}".encode() if token else b"")
        if isinstance(answer, Exception):
            raise answer
        return answer

    sender = Pigeon("https://loft.example/", token, {"gone": "unknown-address"})
    sender._http = httpx.AsyncClient(
        base_url="https://loft.example", headers=sender._headers, transport=httpx.MockTransport(respond)
    )
    return sender


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (httpx.Response(200, json={"id": 42}), sent("42")),
        (httpx.Response(202, text="ok"), sent()),
        (httpx.Response(200, json=["no object"]), sent()),
        (httpx.Response(404, json={"error": "gone"}), failed("unknown-address")),
        (httpx.Response(403, json={"error": "gone"}), failed("unknown-address")),
        (httpx.Response(400, json={"error": "what"}), failed("rejected")),
        (httpx.Response(404, json={"error": "what"}), failed("rejected")),
        (httpx.Response(404, json={}), failed("rejected")),
        (httpx.Response(500, json={"error": "internal"}), Doubtful("server-error", denied=True)),
        (httpx.Response(502, text="<html>"), Doubtful("server-error")),
        (httpx.ReadError("lost"), Doubtful("connection-lost")),
        (httpx.ReadTimeout("late"), Doubtful("connection-lost")),
        (httpx.RemoteProtocolError("closed"), Doubtful("connection-lost")),
    ],
)
async def test_what_became_of_a_letter(answer: httpx.Response | Exception, outcome: Outcome) -> None:
    assert await pigeon(answer).try_send(LETTER) == outcome


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("nobody"),
        httpx.ConnectTimeout("nobody"),
        httpx.Response(401, json={"error": "denied"}),
        httpx.Response(402),
        httpx.Response(403),
        httpx.Response(301, headers={"Location": "https://loft.example/en/release"}),
        httpx.Response(404, text="<html>"),
        httpx.Response(405),
        httpx.Response(408),
        httpx.Response(503, text="later"),
    ],
)
async def test_what_was_not_taken_is_tried_again(answer: httpx.Response | Exception) -> None:
    with pytest.raises(TransientError):
        await pigeon(answer).try_send(LETTER)


@pytest.mark.parametrize(("said", "pause"), [("7", 7), ("soon", 5), ("9" * 30, 5), ("-1", 5)])
async def test_throttling_says_for_how_long(said: str, pause: int) -> None:
    with pytest.raises(ThrottledError) as told:
        await pigeon(httpx.Response(429, headers={"Retry-After": said})).try_send(LETTER)
    assert told.value.retry_after == timedelta(seconds=pause)


class Careless(Pigeon):
    def __init__(self, body: object) -> None:
        super().__init__("https://loft.example/", "", {})
        self.body = body

    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        if isinstance(self.body, Exception):
            raise self.body
        return "/release", {"to": self.body}


@pytest.mark.parametrize("body", [KeyError("Madame Dupont"), {1, 2}, "\ud800"])
async def test_a_bug_before_anything_left_says_so_and_quotes_nobody(body: object) -> None:
    with pytest.raises(UnsentBugError) as caught:
        await Careless(body).try_send(LETTER)
    assert str(caught.value) == type(caught.value.__cause__).__name__


async def test_a_letter_that_post_refuses_keeps_its_reason() -> None:
    with pytest.raises(PermanentError):
        await Careless(PermanentError("no pigeon carries it", reason="too-long")).try_send(LETTER)


async def test_a_bug_in_what_reads_the_answer_is_none_before_anything_left() -> None:
    sender = pigeon(httpx.Response(200, json={"id": "1"}))
    sender.provider_id = lambda answer: answer["nothing"]
    with pytest.raises(KeyError):
        await sender.try_send(LETTER)


async def test_a_check_writes_to_nobody() -> None:
    [said] = await pigeon(httpx.Response(405)).check("/release")
    assert said == "https://loft.example answers (405 at /release, where letters go)"
    [said] = await pigeon(httpx.Response(404, json={"detail": "Not Found"})).check("/release")
    assert said.startswith("https://loft.example answers 404 at /release, as one does that knows nothing there")
    with pytest.raises(GuichetError, match="refuses the token"):
        await pigeon(httpx.Response(401)).check("/release")
    with pytest.raises(GuichetError, match="does not answer"):
        await pigeon(httpx.ConnectError("nobody")).check("/release")


async def test_a_sender_that_was_stopped_sends_again() -> None:
    sender = pigeon(httpx.Response(200))
    await sender.stop()
    await sender.stop()
    assert sender._connected() is not None
    await sender.stop()
