"""A provider that nobody has heard of, with a name drawn at random: its tile plays through page and API."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from starlette.responses import JSONResponse, Response

from citizen_sandbox.app import choose
from citizen_sandbox.play.entry import ANSWER_LOST, State
from citizen_sandbox.play.tile import Words
from citizen_sandbox.play.webhook.proofs import hmac_sha256, no_proof, standard_webhooks, token
from citizen_sandbox.play.webhook.provider import Answer, Said, WebhookProvider
from citizen_sandbox.play.webhook.tile import webhook_tile
from guichet_testing.doors.sandbox import Running, Town, running_sandbox, running_town
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S

NAME = f"p{secrets.token_hex(4)}"
VARIABLE = f"GUICHET_{NAME.upper()}"
HOOK, API = f"/webhooks/{NAME}", f"/{NAME}/v1/messages"
AMINA = "loft-amina-benali"
SECRET, TOKEN = "un-secret-de-pigeonnier", "un-jeton-de-mairie"


def payload(said: Said) -> Mapping[str, Any]:
    files = [{"name": file.name, "url": file.url} for file in said.files]
    return {"id": said.message_id, "from": said.sender.address, "note": said.text, "files": files, "fixes": said.edits}


def read(body: Mapping[str, Any]) -> Answer:
    return Answer(body["to"], body["note"])


PIGEON = webhook_tile(
    WebhookProvider(
        key=NAME,
        title=Words("Pigeon voyageur", "Carrier pigeon"),
        icon="M3 12l9-6 9 6-9 6-9-6Z",
        address=lambda citizen: f"loft-{citizen.id}",
        payload=payload,
        sign=hmac_sha256("X-Loft-Signature", "sha256="),
        api=API,
        read=read,
        edits=True,
        is_retried=False,
        delivered=lambda message_id, _address: {"delivered": message_id},
    )
)


STUBBORN = f"{NAME}-again"
INSISTENT = webhook_tile(
    WebhookProvider(
        key=STUBBORN,
        title=Words("Pigeon têtu", "Stubborn pigeon"),
        icon="M3 12l9-6 9 6-9 6-9-6Z",
        address=lambda citizen: f"loft-{citizen.id}",
        payload=payload,
        sign=no_proof,
        api=f"/{STUBBORN}/messages",
        read=read,
    )
)


@pytest.fixture(scope="module")
async def loft_town() -> AsyncIterator[Town]:
    async with running_town() as town:
        yield town


@pytest.fixture(scope="module")
async def loft(loft_town: Town) -> AsyncIterator[Running]:
    own = {
        f"GUICHET_SANDBOX_{NAME.upper()}_WEBHOOK_URL": f"http://127.0.0.1:{loft_town.http_port}{HOOK}",
        f"GUICHET_SANDBOX_{NAME.upper()}_AGAIN_WEBHOOK_URL": f"http://127.0.0.1:{loft_town.http_port}/stubborn",
        f"{VARIABLE}_SECRET": SECRET,
        f"{VARIABLE}_TOKEN": TOKEN,
    }
    async with running_sandbox(loft_town, PIGEON, INSISTENT, **own) as running:
        yield running


@pytest.fixture
async def birds(loft: Running, loft_town: Town) -> AsyncIterator[SandboxClient]:
    loft_town.forget()
    async with SandboxClient(loft.url) as client:
        await client.reset()
        yield client
        await client.reset()


@pytest.fixture
async def page(chromium: Browser, loft: Running, birds: SandboxClient) -> AsyncIterator[Page]:
    page = await chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(f"{loft.url}/jouer/amina-benali")
    yield page
    await page.close()
    assert problems == []


async def answer(loft: Running, to: str = AMINA, note: str = "Reçu", shown: str = TOKEN, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {shown}"}
    async with httpx.AsyncClient(base_url=loft.url, timeout=more.pop("timeout", 10)) as http:
        return await http.post(API, json={"to": to, "note": note} | more, headers=headers)


def test_a_tile_of_which_nothing_is_set_is_not_shown() -> None:
    assert choose([PIGEON], {}) == []
    [(tile, settings)] = choose([PIGEON], {f"{VARIABLE}_PUBLIC_URL": "https://mairie.example"})
    assert (tile, settings.public_url) == (PIGEON, "https://mairie.example")


async def test_a_tile_of_any_name_plays_through_the_page(page: Page, loft: Running, loft_town: Town) -> None:
    loft_town.statuses.append(Response(status_code=202, headers={"X-Guichet-Message": "m-0123"}))
    await page.locator(f"#{NAME}-text").fill("Un trou rue des Tilleuls")
    await page.locator(f"#{NAME}-text").press("Control+Enter")
    bubble = page.locator(f"#{NAME} .bubble.sent").first
    await expect(bubble).to_contain_text("Remis à la mairie")
    wire = page.locator(f"#{NAME}-payloads")
    await page.locator(".device", has=wire).get_by_text("Ce qui est passé sur le fil").click()
    await expect(wire.locator("summary")).to_contain_text("Accepté · HTTP 202")
    await expect(wire.locator("summary")).to_contain_text("Message m-0123")
    await wire.locator("summary").click()
    await expect(wire.locator("pre")).to_contain_text('"note": "Un trou rue des Tilleuls"')
    assert (await answer(loft, note="Votre demande 2026-7F3K-29Q est enregistrée.")).status_code == 200
    await expect(page.locator(f"#{NAME} .bubble.received")).to_contain_text("2026-7F3K-29Q")
    await expect(wire.locator("li").last.locator("summary")).to_contain_text("réf. 2026-7F3K-29Q")


async def test_what_is_posted_about_an_old_message_shows_at_once(page: Page, birds: SandboxClient) -> None:
    await expect(page.locator(f"#{NAME}:empty, #{NAME}-payloads:empty")).to_have_count(2)
    [sent] = await birds.send_by(NAME, "amina-benali", "deux fois")
    wire = page.locator(f"#{NAME}-payloads")
    await expect(wire).to_contain_text("HTTP 204")
    await birds.send_again(sent)
    await expect(wire).to_contain_text("2 essais")


async def test_a_refused_payload_says_why_on_the_page(page: Page, loft_town: Town) -> None:
    loft_town.statuses.append(JSONResponse({"detail": "signature does not match"}, 403))
    await page.locator(f"#{NAME}-text").fill("Bonjour")
    await page.locator(f"#{NAME}-text").press("Control+Enter")
    await page.locator(".device", has=page.locator(f"#{NAME}")).get_by_text("Ce qui est passé").click()
    wire = page.locator(f"#{NAME}-payloads")
    await expect(wire.locator("summary")).to_contain_text("Refusé · HTTP 403")
    await expect(wire.locator("summary")).to_contain_text("signature does not match")


async def test_a_message_is_corrected_from_the_page(page: Page, loft_town: Town) -> None:
    await page.locator(f"#{NAME}-text").fill("Rue des Tileuls")
    await page.locator(f"#{NAME}-text").press("Control+Enter")
    await page.locator(f"#{NAME} .bubble .edit summary").click()
    await page.locator(f"#{NAME} .edit textarea").fill("Rue des Tilleuls")
    await page.locator(f"#{NAME} .edit button").click()
    await expect(page.locator(f"#{NAME} .bubble", has_text="correction")).to_contain_text("Rue des Tilleuls")
    await expect(page.locator(f"#{NAME} .edit[open]")).to_have_count(0)
    first, second = (json.loads(seen.body) for seen in loft_town.received(HOOK))
    assert (second["fixes"], second["note"]) == (first["id"], "Rue des Tilleuls")
    assert second["id"] != first["id"]


async def test_what_is_being_corrected_stays_as_typed_when_the_message_changes_on_the_page(page: Page) -> None:
    await page.locator(f"#{NAME}-text").fill("Rue des Tileuls")
    await page.locator(f"#{NAME}-text").press("Control+Enter")
    await page.locator(f"#{NAME} .bubble .edit summary").last.click()
    await page.locator(f"#{NAME} .edit textarea").last.fill("Rue des Tilleuls")
    await page.evaluate("document.querySelectorAll('.bubble').forEach((it) => { it.dataset.version = 'before'; })")
    await page.evaluate("refresh()")
    await expect(page.locator(".bubble[data-version='before']")).to_have_count(0)
    await expect(page.locator(f"#{NAME} .edit textarea").last).to_have_value("Rue des Tilleuls")


async def test_the_payload_is_what_was_declared_and_signed(
    loft: Running, birds: SandboxClient, loft_town: Town
) -> None:
    file = {"name": "trou.jpg", "media_type": "image/jpeg", "content_base64": base64.b64encode(b"\xff\xd8").decode()}
    [sent] = await birds.send_by(NAME, "amina-benali", "Un trou", files=[file])
    [seen] = loft_town.received(HOOK)
    posted = json.loads(seen.body)
    assert (posted["from"], posted["note"], posted["id"]) == (AMINA, "Un trou", sent.provider_id)
    signature = hmac.new(SECRET.encode(), seen.body, hashlib.sha256).hexdigest()
    assert seen.headers["x-loft-signature"] == f"sha256={signature}"
    async with httpx.AsyncClient() as http:
        assert (await http.get(posted["files"][0]["url"])).content == b"\xff\xd8"


async def test_the_same_again_is_one_payload_counted_twice(birds: SandboxClient, loft_town: Town) -> None:
    [sent] = await birds.send_by(NAME, "amina-benali", "deux fois")
    assert await birds.send_again(sent) == "HTTP 204"
    first, second = loft_town.received(HOOK)
    assert first.body == second.body
    [payload] = await birds.payloads(NAME)
    assert (payload["attempts"], payload["state"]) == (2, "accepted")


async def test_a_provider_that_insists_posts_again_until_it_is_taken(birds: SandboxClient, loft_town: Town) -> None:
    loft_town.statuses.extend([503, 403])
    [sent] = await birds.send_by(STUBBORN, "amina-benali", "encore")
    assert (sent.state, sent.answer) == (State.WAITING, "HTTP 503")
    sent = await birds.answered(sent)
    assert (sent.state, sent.attempts, len(loft_town.received("/stubborn"))) == (State.ACCEPTED, 3, 3)
    with pytest.raises(ValueError, match="cannot be corrected"):
        await birds.send_by(STUBBORN, text="trop tard", edits=sent)


async def test_a_delivered_answer_is_reported_signed(loft: Running, birds: SandboxClient, loft_town: Town) -> None:
    message_id = (await answer(loft)).json()["id"]
    [seen] = await loft_town.received_times(HOOK, 1)
    assert json.loads(seen.body) == {"delivered": message_id}
    assert "x-loft-signature" in seen.headers


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"to": "loft-personne"}, 404), ({"to": 7}, 404), ({"shown": "faux"}, 401)],
)
async def test_what_the_provider_does_not_take(
    loft: Running, birds: SandboxClient, wrong: dict[str, Any], status: int
) -> None:
    assert (await answer(loft, **wrong)).status_code == status
    assert await birds.entries("amina-benali") == []


async def test_an_answer_that_cannot_be_read_is_a_400_that_says_what_is_missing(
    loft: Running, birds: SandboxClient
) -> None:
    async with httpx.AsyncClient(base_url=loft.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        refused = await http.post(API, json={"to": AMINA})
    assert refused.status_code == 400
    assert "'note'" in refused.text


async def test_who_wrote_can_be_answered_though_in_no_file(loft: Running, birds: SandboxClient) -> None:
    await birds.send_by(NAME, address="loft-inconnu", text="Bonjour")
    assert (await answer(loft, to="loft-inconnu")).status_code == 200


@pytest.mark.parametrize(
    ("trouble", "status"), [("throttled", 429), ("error", 500), ("blocked", 403), ("unreachable", 404)]
)
async def test_trouble_on_demand(loft: Running, birds: SandboxClient, trouble: str, status: int) -> None:
    await birds.misbehave(f"{NAME}-{trouble}", retry_after=7)
    refused = await answer(loft)
    assert refused.status_code == status
    assert refused.headers.get("retry-after") == ("7" if status == 429 else None)
    assert (await answer(loft)).status_code == 200


async def test_a_lost_answer_has_arrived_all_the_same(loft: Running, birds: SandboxClient) -> None:
    await birds.misbehave(f"{NAME}-answer-lost")
    with pytest.raises(httpx.TimeoutException):
        await answer(loft, timeout=0.3)
    [arrived] = await birds.entries("amina-benali", channel=NAME, wait=PATIENCE_S)
    assert arrived.answer == ANSWER_LOST


async def test_a_webhook_comes_twice_on_demand(birds: SandboxClient, loft_town: Town) -> None:
    await birds.misbehave(f"{NAME}-doubled-webhook")
    await birds.send_by(NAME, "amina-benali", "deux fois")
    first, second = loft_town.received(HOOK)
    assert first.body == second.body


async def test_a_tile_without_its_secret_says_which_variable_it_lacks(loft_town: Town) -> None:
    own = {f"{VARIABLE}_TOKEN": TOKEN}
    async with running_sandbox(loft_town, PIGEON, **own) as running, httpx.AsyncClient() as http:
        assert f"{VARIABLE}_SECRET n’est pas réglé" in (await http.get(f"{running.url}/jouer/amina-benali")).text


def test_proofs() -> None:
    assert no_proof("s", b"x", "id") == {}
    assert token("X-Token")("s", b"x", "id") == {"X-Token": "s"}
    key = b"clef"
    headers = standard_webhooks(f"whsec_{base64.b64encode(key).decode()}", b"corps", "msg_1")
    signed = f"msg_1.{headers['webhook-timestamp']}.corps".encode()
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
