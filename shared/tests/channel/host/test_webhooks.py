"""What a host does with whatever is posted to a channel's webhook."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Literal

import httpx
import pytest
from fastapi import Request

from guichet.channel.declaration import Accepted, Provider, Webhook
from guichet.channel.draft import Draft
from guichet.channel.host.webhooks import requested_target, webhook_routes
from guichet.channel.payload import Incoming, Payload
from guichet.channel.refusals import UnverifiedSourceError
from guichet.channel.web import webhook_app
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import INBOUND_SOCIAL
from guichet.errors import PermanentError
from guichet.runtime.settings import SettingsGroup
from guichet_testing.conformance.world import World

WRITER = Identifier(kind="pigeon", value="perrine")


class Loft(Incoming):
    """Reads a text; the header X-Ring proves who posts it. accepts: what it heard to be safe."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.accepts: list[str] = []
        self.seen: list[Payload] = []

    def verify(self, payload: Payload) -> None:
        self.seen.append(payload)
        if payload.headers.get("x-ring") != "genuine":
            raise UnverifiedSourceError("a strange ring")

    async def read(self, payload: Payload) -> Draft | None:
        if payload.body == b"notice":
            return None
        if payload.body == b"torn":
            raise PermanentError("torn", reason="unreadable")
        text = payload.body.decode()
        return Draft(
            channel="pigeon",
            accounts=("loft",),
            message_id=self.world.lend("pigeon", INBOUND_SOCIAL).message_id("pigeon", "loft", text),
            content=InboundContent(sender=(WRITER,), text=text),
            received_at=payload.at,
            sender_key_value=WRITER.value,
        )

    def senders(self, payload: Payload) -> Iterable[Identifier]:
        return [WRITER]

    def accepted(self, draft: Draft) -> None:
        self.accepts.append(draft.content.text)


def sign(_settings: SettingsGroup, _payload: Payload) -> Mapping[str, str]:
    return {"X-Ring": "genuine"}


@asynccontextmanager
async def opened(
    world: World, proven_by: Literal["body", "headers"] = "body", *, message_ids_shown: bool = False
) -> AsyncIterator[tuple[Loft, httpx.AsyncClient]]:
    loft = Loft(world)
    webhook: Webhook[Any] = Webhook(
        "/pigeon",
        open=lambda *_: nullcontext(loft),
        public_url=lambda _: "",
        sign=sign,
        keeps=("X-Flight",),
        proof=("X-Ring",),
        most_bytes=1000,
        accepted=Accepted(202, "<ok/>", "text/xml"),
        proven_by=proven_by,
    )
    provider = Provider("pigeon", SettingsGroup, (webhook,))
    web = webhook_app("social")
    host = world.lend("pigeon", INBOUND_SOCIAL)
    async with webhook_routes(provider, SettingsGroup(), host, message_ids_shown=message_ids_shown) as routes:
        web.include_router(routes)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://10.0.0.7") as client:
            yield loft, client


async def posted(client: httpx.AsyncClient, body: Any, ring: str = "genuine") -> httpx.Response:
    return await client.post(
        "/pigeon?loft=7%2F8", content=body, headers={"X-Ring": ring, "X-Flight": "7", "X-Other": "1"}
    )


async def test_a_message_is_safe_before_its_provider_and_its_channel_hear_so() -> None:
    world = World()
    async with opened(world) as (loft, client):
        answer = await posted(client, b"Bonjour")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        202,
        "<ok/>",
        "text/xml; charset=utf-8",
    )
    assert [(await world.content(each)).text for each in world.received(INBOUND_SOCIAL)] == loft.accepts == ["Bonjour"]
    assert world.received(INBOUND_SOCIAL)[0].received_at == world.time


async def test_a_webhook_answers_a_question_as_whoever_asks_whether_it_is_there_expects() -> None:
    """guichet.channel.host.webhook_probe tells by it a host that has the channel from one that has not."""
    async with opened(World()) as (loft, client):
        assert [(await client.get(each)).status_code for each in ("/pigeon", "/kite")] == [405, 404]
    assert loft.seen == []


async def test_only_where_it_is_asked_for_an_answer_tells_what_the_message_is_called() -> None:
    world = World()
    async with opened(world, message_ids_shown=True) as (_, client):
        answers = [await posted(client, body) for body in (b"Bonjour", b"notice")]
    assert [each.headers.get("X-Guichet-Message") for each in answers] == [
        world.received(INBOUND_SOCIAL)[0].message_id,
        None,
    ]
    async with opened(World()) as (_, client):
        assert "X-Guichet-Message" not in (await posted(client, b"Bonjour")).headers


async def test_a_channel_sees_the_headers_that_it_keeps_and_the_target_as_requested() -> None:
    async with opened(World()) as (loft, client):
        await posted(client, b"notice")
    assert [(each.body, dict(each.headers), each.target) for each in loft.seen] == [
        (b"notice", {"x-flight": "7", "x-ring": "genuine"}, "/pigeon?loft=7%2F8")
    ]


async def test_a_notice_is_accepted_and_nothing_follows_from_it() -> None:
    world = World()
    async with opened(world) as (loft, client):
        assert (await posted(client, b"notice")).status_code == 202
    assert (loft.accepts, world.broker.published, world.dead_letters) == ([], [], [])


async def test_what_nobody_can_read_keeps_where_it_came_from() -> None:
    world = World()
    async with opened(world) as (loft, client):
        assert (await posted(client, b"torn")).status_code == 202
    [origin] = world.origins
    assert origin is not None
    assert (origin.provider, origin.headers, origin.target) == ("pigeon", {"x-flight": "7"}, "/pigeon?loft=7%2F8"), (
        "what proves a payload is in its dead letter"
    )
    assert (origin.senders, loft.accepts) == ((WRITER,), [])


async def test_nothing_waits_for_what_became_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was read, and no record can carry it: what would follow would correct a message that nobody holds."""
    world = World()

    async def refuse(*_: Any) -> None:
        raise PermanentError("no record can carry it", reason="too-large")

    monkeypatch.setattr(world.edge, "accept", refuse)
    async with opened(world) as (loft, client):
        assert (await posted(client, b"Bonjour")).status_code == 202
    assert (len(world.dead_letters), loft.accepts) == (1, [])


@pytest.mark.parametrize(("proven_by", "taken_in"), [("headers", 0), ("body", 3)])
async def test_where_headers_prove_who_posts_a_stranger_s_body_is_not_taken_in(
    proven_by: Literal["body", "headers"], taken_in: int
) -> None:
    pieces: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for number in range(3):
            pieces.append(number)
            yield b"x" * 200

    world = World()
    async with opened(world, proven_by) as (loft, client):
        assert (await posted(client, body(), ring="strange")).status_code == 403
        assert len(pieces) == taken_in
        assert (await posted(client, b"Bonjour")).status_code == 202
    assert [len(each.body) for each in loft.seen] == ([0, 0] if proven_by == "headers" else [600, 7])
    assert loft.accepts == ["Bonjour"]


async def test_a_misspelt_proof_is_looked_for_in_the_body_and_never_left_out() -> None:
    """Who writes a channel need not run mypy."""
    world = World()
    async with opened(world, "header") as (_, client):  # type: ignore[arg-type]
        assert (await posted(client, b"Bonjour", "forged")).status_code == 403
        assert (await posted(client, b"Bonjour")).status_code == 202
    assert len(world.received(INBOUND_SOCIAL)) == 1


async def test_what_is_too_large_is_refused_by_its_channel_s_own_limit() -> None:
    async with opened(World()) as (_, client):
        assert (await posted(client, b"x" * 1001)).status_code == 413


def test_path_and_query_are_taken_as_they_came_over_the_wire() -> None:
    scope = {"type": "http", "raw_path": b"/webhooks/twilio/status%2Fx", "query_string": b"outbound_id=a%20b"}
    assert requested_target(Request(scope)) == "/webhooks/twilio/status%2Fx?outbound_id=a%20b"
    assert requested_target(Request(scope | {"query_string": b""})) == "/webhooks/twilio/status%2Fx"
