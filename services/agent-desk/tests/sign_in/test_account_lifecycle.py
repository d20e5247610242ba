"""Passwords that an operator gave, accounts that an operator ended: what each still opens, and for how long."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.routing import Route

from agent_desk.domain.sign_in.try_limits import PER_PLACE
from agent_desk.handlers.live import live_streams
from agent_desk.handlers.live.live_streams import Onlooker, list_stream
from agent_desk.handlers.sign_in.sign_in import SignIn
from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.ids import AgentId
from guichet.privacy.passwords import hash_password, password_matches
from guichet.rights.scope import Scope
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from guichet_testing.twins.store.agents.sessions import InMemorySessions
from guichet_testing.until import PATIENCE_S

KARIM = AgentId("agent-12")
ONCE = "abcd-efgh-jkmn-pqrs"
OWN = "trois pommes et un vélo"
SAID = {"current": ONCE, "password": OWN, "again": OWN}
OPEN_TO_A_NEWCOMER = {
    "/mot-de-passe",
    "/connexion",
    "/connexion/code",
    "/deconnexion",
    "/",
}  # "/" leads on; others say why


def field(page: httpx.Response, name: str = "form_token") -> str:
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]


async def try_to_sign_in(browser, password: str, name: str = "karim.haddad"):
    token = field(await browser.get("/connexion"))
    return await browser.post("/connexion", data={"form_token": token, "name": name, "password": password})


async def give(hall, **fields: object) -> None:
    """Do what an operator's command does to Karim's account, then to his sessions."""
    account = await hall.accounts.find(KARIM)
    assert await hall.accounts.replace(account, account.model_copy(update=fields))
    await hall.sessions.end_all(KARIM)


async def reset(hall, password: str = ONCE) -> None:
    await give(hall, password_hash=hash_password(password), must_change=True, disabled_at=None)


async def disable(hall) -> None:
    await give(hall, disabled_at=hall.clock.now)


@pytest.fixture
async def newcomer(hall, open_browser, cases):
    """A browser signed in with the password that an operator gave."""
    await reset(hall)
    browser = open_browser()
    assert (await try_to_sign_in(browser, ONCE)).status_code == 303
    return browser


async def change(browser, **said: str):
    token = field(await browser.get("/mot-de-passe"))
    return await browser.post("/mot-de-passe", data={"form_token": token, **SAID, **said})


async def test_a_disabled_agents_open_page_shows_nothing_more(karim, hall):
    assert (await karim.get("/demandes")).status_code == 200
    await disable(hall)
    answer = await karim.get("/demandes")
    assert (answer.status_code, answer.headers.get("location")) == (303, "/connexion?vers=/demandes")
    part = await karim.get("/demandes", headers={"HX-Request": "true"})
    assert part.status_code == 401


async def test_a_disabled_agents_right_password_is_answered_like_a_wrong_one(open_browser, hall):
    wrong = await try_to_sign_in(open_browser(), "wrong")
    await disable(hall)
    answer = await try_to_sign_in(open_browser(), PASSWORD)
    assert answer.status_code == wrong.status_code == 401
    assert answer.text.replace(field(answer), "") == wrong.text.replace(field(wrong), "")
    assert hall.audit.entries[-1].act is Act.SIGN_IN_REFUSED


@pytest.mark.parametrize("ended_by", [disable, reset])
async def test_a_live_stream_is_over_within_a_minute_of_the_account(hall, sign_in, cases, ended_by, monkeypatch):
    assert live_streams.SESSION_CHECKED_EVERY_S + OLDEST.total_seconds() < 60
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.01)
    seen, asked = [], asyncio.Event()
    true = SignIn.scope_now

    async def watched(self, visitor) -> Scope | None:
        seen.append(await true(self, visitor))
        asked.set()
        return seen[-1]

    monkeypatch.setattr(SignIn, "scope_now", watched)
    browser = await sign_in("karim.haddad")
    waiting = asyncio.create_task(
        browser.get(f"/demandes/direct?vu={hall.feed.position}", headers={"accept": "text/event-stream"})
    )
    async with asyncio.timeout(PATIENCE_S):
        await asked.wait()
        assert seen[-1]
        hall.clock.now += timedelta(seconds=59)
        await ended_by(hall)
        answer = await waiting
    assert answer.status_code == 200
    assert "changed" not in answer.text
    assert seen[-1] is None


async def test_a_change_that_comes_after_the_account_is_over_is_not_told(hall):
    async def gone() -> None:
        return None

    stream = list_stream(Onlooker(Scope(KARIM, ()), gone), "", feed=hall.feed, announce=lambda _event: "")
    assert [event async for event in stream] == []


async def test_a_one_time_password_opens_nothing_but_the_page_to_change_it(newcomer, hall, cases):
    hole, tried = cases["hole"], 0
    true_form = {"form_token": field(await newcomer.get("/mot-de-passe"))}
    before = len(hall.audit.entries)
    for path, method in _routes(hall):
        if path in OPEN_TO_A_NEWCOMER:
            continue
        tried += 1
        address = re.sub(r"\{.*?\}", hole.reference, path)
        answer = await newcomer.request(method, address, data=true_form if method == "POST" else None)
        led = (303, "/mot-de-passe") if method == "GET" else (401, None)
        assert (answer.status_code, answer.headers.get("location")) == led, f"{method} {path}"
    assert tried > 8
    assert len(hall.audit.entries) == before, "something was read or done"
    page = await newcomer.get("/mot-de-passe")
    assert page.status_code == 200
    assert 'action="/recherche"' not in page.text


def _routes(hall) -> list[tuple[str, str]]:
    """Return every route of the desk but static files: whatever is added is tried, too."""
    routes = [route for route in hall.web().routes if isinstance(route, Route)]
    found = [(route.path, method) for route in routes for method in (route.methods or ()) if method != "HEAD"]
    assert ("/demandes", "GET") in found
    return found


async def test_who_chose_a_password_reads_cases_and_the_one_time_password_opens_nothing(newcomer, hall, open_browser):
    old = newcomer.cookies["guichet_session"]
    answer = await change(newcomer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/demandes")
    assert newcomer.cookies["guichet_session"] != old, "the session is the one of before"
    assert (await newcomer.get("/demandes")).status_code == 200
    assert (await try_to_sign_in(open_browser(), ONCE)).status_code == 401
    assert (await try_to_sign_in(open_browser(), OWN)).status_code == 303
    assert Act.PASSWORD_CHANGED in [entry.act for entry in hall.audit.entries]
    assert OWN not in "".join(entry.model_dump_json() for entry in hall.audit.entries)


async def test_the_sessions_of_the_old_password_end_with_it(sign_in, cases):
    here, elsewhere = await sign_in("karim.haddad"), await sign_in("karim.haddad")
    stolen = here.cookies["guichet_session"]
    assert (await change(here, current=PASSWORD)).headers["location"] == "/mot-de-passe?fait=1"
    assert (await here.get("/demandes")).status_code == 200
    assert (await elsewhere.get("/demandes")).status_code == 303
    elsewhere.cookies.set("guichet_session", stolen, domain="desk.test")
    assert (await elsewhere.get("/demandes")).status_code == 303


async def test_an_open_session_is_not_enough_to_change_a_password(karim, hall):
    answer = await change(karim, current="guessed")
    assert answer.status_code == 422
    assert "Le premier mot de passe n’est pas le bon" in answer.text
    assert password_matches((await hall.accounts.find(KARIM)).password_hash, PASSWORD)


async def test_the_page_is_no_place_to_guess_the_password(karim):
    statuses = [(await change(karim, current=f"guess-{nth}")).status_code for nth in range(PER_PLACE.tries + 1)]
    assert statuses == [422] * PER_PLACE.tries + [429]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"password": "trop court", "again": "trop court"}, "d’au moins 12 caractères"),
        ({"password": "a" * 201, "again": "a" * 201}, "trop long"),
        ({"password": "abababababab", "again": "abababababab"}, "répète les mêmes"),
        ({"password": "Karim Haddad 1", "again": "Karim Haddad 1"}, "Votre nom"),
        ({"password": ONCE, "again": ONCE}, "que vous avez déjà"),
        ({"again": "trois pommes et un velo"}, "ne sont pas les mêmes"),
    ],
)
async def test_a_poor_password_is_not_taken_and_does_not_come_back(newcomer, hall, said, told):
    before = await hall.accounts.find(KARIM)
    answer = await change(newcomer, **said)
    assert answer.status_code == 422
    assert told in answer.text
    assert OWN not in answer.text
    assert ONCE not in answer.text
    assert await hall.accounts.find(KARIM) == before


async def test_a_form_of_another_browser_changes_no_password(karim, hall):
    answer = await karim.post("/mot-de-passe", data={"form_token": "x", **SAID, "current": PASSWORD})
    assert answer.status_code == 403
    assert password_matches((await hall.accounts.find(KARIM)).password_hash, PASSWORD)


async def test_without_a_durable_audit_entry_no_password_is_changed(karim, hall):
    token = field(await karim.get("/mot-de-passe"))
    hall.audit.away = True
    said = {"form_token": token, **SAID, "current": PASSWORD}
    assert (await karim.post("/mot-de-passe", data=said)).status_code == 503
    assert password_matches((await hall.accounts.find(KARIM)).password_hash, PASSWORD)


@pytest.mark.parametrize("ended_by", [disable, reset])
async def test_an_account_that_ends_while_its_agent_signs_in_lets_nobody_in(hall, open_browser, ended_by, monkeypatch):
    true = InMemorySessions.insert

    async def just_before(self, session) -> None:
        await ended_by(hall)
        await true(self, session)

    monkeypatch.setattr(InMemorySessions, "insert", just_before)
    browser = open_browser()
    assert (await try_to_sign_in(browser, PASSWORD)).status_code == 401
    assert not hall.sessions._sessions
    assert Act.SIGNED_IN not in [entry.act for entry in hall.audit.entries]


async def test_a_reset_is_not_undone_by_a_sign_in_under_way(hall, open_browser, monkeypatch):
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    await give(hall, password_hash=weak)
    true, done = InMemoryAgentAccounts.find, []

    async def found_just_before(self, agent):
        account = await true(self, agent)
        if not done:
            done.append(agent)
            await reset(hall)
        return account

    monkeypatch.setattr(InMemoryAgentAccounts, "find", found_just_before)
    assert (await try_to_sign_in(open_browser(), PASSWORD)).status_code == 401
    account = await true(hall.accounts, KARIM)
    assert password_matches(account.password_hash, ONCE), "the old password opens the account again"
    assert account.must_change


@pytest.mark.parametrize("ended_by", [disable, reset])
async def test_a_reset_is_not_undone_by_a_change_under_way(karim, hall, ended_by, monkeypatch):
    true = hall.audit.record

    async def just_before(*entries) -> None:
        await true(*entries)
        if entries[0].act is Act.PASSWORD_CHANGED:
            await ended_by(hall)

    monkeypatch.setattr(hall.audit, "record", just_before)
    assert (await change(karim, current=PASSWORD)).status_code == 401
    account = await hall.accounts.find(KARIM)
    assert not password_matches(account.password_hash, OWN)
    assert account.must_change or account.disabled_at
    assert not hall.sessions._sessions


async def test_a_stronger_hash_is_still_kept_at_sign_in(hall, open_browser):
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    await give(hall, password_hash=weak)
    assert (await try_to_sign_in(open_browser(), PASSWORD)).status_code == 303
    account = await hall.accounts.find(KARIM)
    assert account.password_hash != weak
    assert account.signed_in_at == hall.clock.now


async def test_who_scope_now_finds_the_page_in_english_too(karim):
    page = await karim.get("/mot-de-passe?langue=en")
    assert "Change your password" in page.text
    assert "Current password" in page.text
