"""Somebody who knows an agent's password, and has not their telephone: a real desk, two processes of it on one store."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from guichet.ids import AgentId
from guichet.privacy.passwords import hash_password
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.doors.desk_process import RunningDesk, another_desk, hidden, running_desk, tries_to_sign_in

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

NAMED, COLLEAGUE = "karim.haddad", "sophie.renard"
ENROLLING, ASKING = "/double-authentification", "/connexion/code"
GUESSES = 200
PER_PLACE = 20


@dataclass
class Agent:
    """What an agent has: the telephone, and a paper."""

    codes: pyotp.TOTP
    recovery: list[str]

    def next_code(self) -> str:
        """Return the next step's code, which enrolling has not used: a telephone's clock may be that much ahead."""
        return self.codes.generate_otp(self.codes.timecode(datetime.now(UTC)) + 1)


@pytest.fixture
async def desk(kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    trusted = {"GUICHET_TRUSTED_PROXIES": "127.0.0.1"}
    async with running_desk(kafka_server, mongo_server, mongo_database, tmp_path, **trusted) as desk:
        account = AgentAccount(_id=AgentId("agent-13"), password_hash=hash_password(PASSWORD), created_at=ARRIVED)
        await MongoAgentAccounts(desk.database).insert_missing([account])
        yield desk


def a_browser(url: str, address: str = "198.51.100.7") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": address}, timeout=90, trust_env=False)


async def enrol(desk: RunningDesk, name: str) -> Agent:
    """Sign in for the first time, and add a telephone."""
    async with a_browser(desk.url) as browser:
        assert (await tries_to_sign_in(browser, name, PASSWORD)).status_code == 303
        page = await browser.get(ENROLLING)
        secret = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")  # type: ignore[index]
        codes = pyotp.TOTP(secret)
        said = {"form_token": hidden(page, "form_token"), "code": codes.now(), "password": PASSWORD}
        answer = await browser.post(ENROLLING, data=said)
        assert answer.status_code == 200, answer.text
        return Agent(codes, re.findall(r"<li>([a-z0-9-]{19})</li>", answer.text))


async def half_way(browser: httpx.AsyncClient, name: str = NAMED) -> str:
    """Give the right password; return what the form of the code must carry."""
    answer = await tries_to_sign_in(browser, name, PASSWORD)
    assert answer.headers["location"].startswith(ASKING), answer.headers["location"]
    return hidden(await browser.get(ASKING), "form_token")


async def give(browser: httpx.AsyncClient, form: str, code: str) -> int:
    return (await browser.post(ASKING, data={"form_token": form, "code": code})).status_code


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/demandes")).status_code == 200


async def test_the_right_password_alone_opens_no_kind_of_door(desk: RunningDesk) -> None:
    await enrol(desk, NAMED)
    hole = desk.cases["hole"].reference
    async with a_browser(desk.url) as thief:
        form = {"form_token": await half_way(thief), "text": "x", "once": "x", "reason": "x", "department": "ccas"}
        pending = thief.cookies["guichet_code"]
        for session in (None, pending):
            if session:
                thief.cookies.set("guichet_session", session, domain="127.0.0.1")
            for path in ("", f"/{hole}", f"/{hole}/fil", f"/{hole}/fichiers/x/0"):
                assert (await thief.get(f"/demandes{path}")).status_code == 303, path
            for path in ("/demandes/direct", f"/demandes/{hole}/direct"):
                assert (await thief.get(path, headers={"accept": "text/event-stream"})).status_code == 401, path
            for path in (f"/demandes/{hole}/reponse", f"/demandes/{hole}/cloture", "/mot-de-passe", ENROLLING):
                assert (await thief.post(path, data=form)).status_code in (401, 404), path
            for path in (ENROLLING, "/mot-de-passe"):
                assert (await thief.get(path)).status_code == 303, path


async def test_a_code_opens_one_session_whichever_process_it_is_given_to(desk: RunningDesk, tmp_path: Path) -> None:
    karim = await enrol(desk, NAMED)
    async with another_desk(desk) as other_url:
        browsers = [a_browser(url) for url in (desk.url, other_url) * 4]
        forms = [await half_way(browser) for browser in browsers]
        code = karim.next_code()
        statuses = await asyncio.gather(
            *(give(browser, form, code) for browser, form in zip(browsers, forms, strict=True))
        )
        assert Counter(statuses) == {303: 1, 401: 7}
        assert [await is_in(browser) for browser in browsers].count(True) == 1
        assert await give(browsers[statuses.index(401)], forms[statuses.index(401)], code) == 401, "replayed"
        for browser in browsers:
            await browser.aclose()


async def test_neither_a_colleagues_code_nor_a_recovery_code_twice(desk: RunningDesk) -> None:
    karim, sophie = await enrol(desk, NAMED), await enrol(desk, COLLEAGUE)
    async with a_browser(desk.url) as thief, a_browser(desk.url) as agent:
        form = await half_way(thief)
        assert await give(thief, form, sophie.next_code()) == 401
        assert await give(thief, form, sophie.recovery[0]) == 401
        assert await give(agent, await half_way(agent), karim.recovery[0]) == 303
        assert await give(thief, form, karim.recovery[0]) == 401
        assert not await is_in(thief)


async def test_two_hundred_guesses_from_everywhere_are_twenty(desk: RunningDesk) -> None:
    karim = await enrol(desk, NAMED)
    async with a_browser(desk.url, "203.0.113.1") as thief:
        form = await half_way(thief)

        async def guess(nth: int) -> int:
            elsewhere = {"X-Forwarded-For": f"203.0.113.{nth % 250}"}
            said = {"form_token": form, "code": f"{nth:06}"}
            return (await thief.post(ASKING, data=said, headers=elsewhere)).status_code

        statuses = Counter(await asyncio.gather(*(guess(nth) for nth in range(GUESSES))))
        assert statuses == {401: PER_PLACE, 429: GUESSES - PER_PLACE}
        assert await give(thief, form, karim.next_code()) == 429
    async with a_browser(desk.url) as agent:  # where they enrolled: the guesser has spent none of these
        assert await give(agent, await half_way(agent), karim.next_code()) == 303, "the agent is locked out"
