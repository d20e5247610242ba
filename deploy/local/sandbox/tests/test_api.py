"""The test API: what it refuses, and that it says why."""

import httpx
import pytest

from citizen_sandbox.app import build_health
from citizen_sandbox.play.entry import Attachment, Direction
from guichet_testing.doors.sandbox import Running, Town
from guichet_testing.town.sandbox_client import SandboxClient


@pytest.mark.parametrize(
    ("route", "wish", "status", "reason"),
    [
        ("sms", {"text": "x"}, 422, "name a citizen or a phone"),
        ("sms", {"citizen": "personne"}, 404, "there are amina-benali"),
        ("sms", {"citizen": "amina-benali", "txt": "x"}, 422, "txt"),
        ("telegram", {"citizen": "amina-benali", "text": " "}, 422, "write something"),
        ("mail", {"text": "x"}, 422, "name a citizen or a sender"),
        ("mail", {"citizen": "amina-benali", "reply_to": 999999}, 404, "no entry 999999"),
        ("mail/raw", {"content_base64": "%", "recipients": []}, 422, "not base64"),
        ("misbehaviour", {"trouble": "grève"}, 422, "twilio-throttled"),
    ],
)
async def test_a_wrong_wish_is_refused_with_its_reason(
    sandbox: Running, route: str, wish: dict[str, object], status: int, reason: str
) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url) as http:
        answer = await http.post(f"/sandbox/api/{route}", json=wish)
    assert answer.status_code == status
    assert reason in answer.text


async def test_the_client_raises_the_reason(citizens: SandboxClient) -> None:
    with pytest.raises(ValueError, match="there are amina-benali"):
        await citizens.send_sms("personne", "x")


async def test_entries_are_filtered(citizens: SandboxClient, town: Town) -> None:
    file = Attachment(name="a.txt", media_type="text/plain", content=b"abc")
    first = await citizens.send_sms("amina-benali", "un", files=[file])
    second = await citizens.send_telegram("amina-benali", "deux")
    await citizens.send_sms("louis-marchand", "trois")
    assert [one.text for one in await citizens.entries("amina-benali")] == ["un", "deux"]
    assert [one.text for one in await citizens.entries(containing="tro")] == ["trois"]
    assert [one.id for one in await citizens.entries("amina-benali", after=first.id)] == [second.id]
    assert await citizens.entries(direction=Direction.RECEIVED) == []
    assert await citizens.attachment(first) == b"abc"
    with pytest.raises(ValueError, match="counted from 0"):
        await citizens.attachment(first, 1)


async def test_reset_forgets_but_numbers_go_on(citizens: SandboxClient, town: Town) -> None:
    first = await citizens.send_sms("amina-benali", "un")
    await citizens.reset()
    assert await citizens.entries() == []
    assert (await citizens.send_sms("amina-benali", "deux")).id > first.id


async def test_health_is_told_on_a_port_of_its_own_only(sandbox: Running) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url) as http:
        assert (await http.get("/health/ready")).status_code == 404
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_health()), base_url="http://health") as http:
        assert (await http.get("/health/live")).status_code == 200
        assert (await http.get("/health/ready")).status_code == 200


async def test_everybody_differs_but_for_the_shared_telephone(citizens: SandboxClient) -> None:
    people = await citizens.citizens()
    assert len({one.email for one in people}) == len({one.account("telegram")["id"] for one in people}) == 6
    assert len({one.phone for one in people}) == 5
    assert all(one.phone.startswith("+3363998") for one in people)  # kept for fiction by ARCEP
    assert all(one.email.endswith(".example") for one in people)


async def test_it_remembers_what_the_providers_were_asked_for_and_not_what_players_did(
    sandbox: Running, citizens: SandboxClient
) -> None:
    before = len(await citizens.requests())
    async with httpx.AsyncClient(base_url=sandbox.url) as http:
        await http.get("/2010-04-01/Accounts/AC1/Messages.json", params={"To": "+33639980101"})
        await http.post("/bot1:x/sendMessage", json={"text": "Bonjour"})
        await http.get("/jouer/amina-benali")
    seen = (await citizens.requests())[before:]
    assert seen == ["GET /2010-04-01/Accounts/AC1/Messages.json?To=%2B33639980101", "POST /bot1:x/sendMessage"]
