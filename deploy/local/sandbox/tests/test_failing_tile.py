"""A tile that fails harms itself alone: the page says what is wrong with it, and the others play on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import httpx
import pytest

from citizen_sandbox.play.entry import State
from citizen_sandbox.play.tile import Kit, OpenTile, Tile, Words
from citizen_sandbox.play.webhook.proofs import no_proof
from citizen_sandbox.play.webhook.provider import Answer, WebhookProvider
from citizen_sandbox.play.webhook.tile import WebhookTile, webhook_tile
from guichet_testing.doors.sandbox import Town, running_sandbox
from guichet_testing.town.sandbox_client import SandboxClient

SECRET = {"GUICHET_PIGEON_SECRET": "s"}
API = "/pigeon/letters"


def failing(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("une aile cassée")


def pigeon(**otherwise: Any) -> WebhookProvider:
    declared: dict[str, Any] = {
        "key": "pigeon",
        "title": Words("Pigeon", "Pigeon"),
        "icon": "M1 1h2",
        "address": lambda citizen: citizen.id,
        "payload": lambda said: {"text": said.text},
        "sign": no_proof,
        "api": API,
        "read": lambda body: Answer(body["to"], body["text"]),
    }
    return WebhookProvider(**declared | otherwise)


def opened_by(opening: Callable[[Any, Kit], Any]) -> Tile[Any]:
    return replace(webhook_tile(pigeon()), open=opening)


def playing(**methods: Any) -> Tile[Any]:
    kind = type("Failing", (WebhookTile,), methods)
    return opened_by(lambda settings, kit: kind(pigeon(), settings, kit))


class Formless(OpenTile):
    """Whose author forgot the form."""

    address_of = failing
    write = failing


async def test_a_tile_that_cannot_be_opened_says_why_and_the_others_play_on(town: Town) -> None:
    for tile, why in (
        (opened_by(failing), "RuntimeError: une aile cassée"),
        (opened_by(lambda _settings, kit: Formless(kit)), "form"),
        (replace(webhook_tile(pigeon()), variable=failing), "RuntimeError: une aile cassée"),
    ):
        async with running_sandbox(town, tile, **SECRET) as running, SandboxClient(running.url) as citizens:
            page = await citizens.page("amina-benali")
            assert "Cette tuile ne s’ouvre pas" in page
            assert why in page
            assert (await citizens.send_sms("amina-benali", "Bonjour")).state is State.ACCEPTED


@pytest.mark.parametrize("part", ["address_of", "shown_address", "context", "received_after", "forget"])
async def test_a_tile_that_cannot_be_shown_says_why_and_the_others_are_shown(town: Town, part: str) -> None:
    async with (
        running_sandbox(town, playing(**{part: failing}), **SECRET) as running,
        SandboxClient(running.url) as citizens,
    ):
        sms = await citizens.send_sms("amina-benali", "d’un téléphone")
        if part == "received_after":
            await citizens.send_by("pigeon", "amina-benali", "Bonjour")
        if part == "forget":
            await citizens.reset()
        page = await citizens.page("amina-benali")
        assert "Cette tuile a échoué : RuntimeError: une aile cassée" in page
        assert (sms.text in page) is (part != "forget")


async def test_a_message_that_a_tile_cannot_write_says_why(town: Town) -> None:
    async with (
        running_sandbox(town, playing(write=failing), **SECRET) as running,
        SandboxClient(running.url) as citizens,
    ):
        with pytest.raises(ValueError, match="une aile cassée"):
            await citizens.send_by("pigeon", "amina-benali", "Bonjour")
        assert "une aile cassée" in await citizens.page("amina-benali")


async def test_a_payload_that_a_tile_cannot_make_is_said_at_once(town: Town) -> None:
    tile = webhook_tile(pigeon(payload=failing))
    async with running_sandbox(town, tile, **SECRET) as running, SandboxClient(running.url) as citizens:
        [entry] = await citizens.send_by("pigeon", "amina-benali", "Bonjour")
        assert (entry.state, entry.answer) == (State.REFUSED, "la tuile a échoué : RuntimeError: une aile cassée")


async def test_a_letter_that_a_tile_cannot_take_says_why(town: Town) -> None:
    def accepted(_message_id: str) -> Mapping[str, Any]:
        return failing()

    tile = webhook_tile(pigeon(accepted=accepted))
    async with running_sandbox(town, tile, **SECRET) as running, SandboxClient(running.url) as citizens:
        async with httpx.AsyncClient(base_url=running.url) as town_s_sender:
            answer = await town_s_sender.post(API, json={"to": "amina-benali", "text": "Bonjour"})
        assert answer.status_code == 500
        assert "une aile cassée" in await citizens.page("amina-benali")
        assert (await citizens.send_sms("amina-benali", "Bonjour")).state is State.ACCEPTED
