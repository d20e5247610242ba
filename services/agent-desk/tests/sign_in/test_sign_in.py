"""Signing in and out: sessions on the server, forms guarded, tries limited, every try noted."""

import asyncio
import hashlib
import hmac
import re
from datetime import timedelta

import pytest

from agent_desk.domain.sign_in.sessions import IDLE, LONGEST, form_token, is_form_token
from agent_desk.domain.sign_in.try_limits import PER_ADDRESS, PER_PLACE
from agent_desk.handlers.sign_in import check_password
from agent_desk.handlers.sign_in.check_password import STRANGERS_WAITING
from guichet.errors import TransientError
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts


async def try_to_sign_in(browser, name: str, password: str, vers: str = ""):
    page = await browser.get("/connexion")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    return await browser.post(
        "/connexion", data={"form_token": token, "name": name, "password": password, "vers": vers}
    )


async def test_an_agent_signs_in_and_out_and_both_are_noted(sign_in, hall, cases):
    browser = await sign_in("karim.haddad")
    page = await browser.get("/demandes")
    assert page.status_code == 200
    assert "Karim Haddad" in page.text
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    assert (await browser.post("/deconnexion", data={"form_token": token})).status_code == 303
    assert (await browser.get("/demandes")).headers["location"] == "/connexion?vers=/demandes"
    assert [entry.act for entry in hall.audit.entries] == [Act.SIGNED_IN, Act.LISTED, Act.SIGNED_OUT]
    assert {entry.agent for entry in hall.audit.entries} == {"agent-12"}


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(open_browser):
    answer = await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("guichet_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_page_that_was_open_over_an_upgrade_keeps_its_form():
    key, of_before = b"k" * 32, hmac.digest(b"k" * 32, b"guichet-desk-form:t", "sha256").hex()
    assert is_form_token(key, "t", of_before)
    assert is_form_token(key, "t", form_token(key, "t"))
    assert not any(is_form_token(key, "t", forged) for forged in ("", of_before[1:], of_before[:31], "é" * 64))


@pytest.mark.parametrize(("name", "password"), [("karim.haddad", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(open_browser, hall, name, password):
    browser = open_browser()
    answer = await try_to_sign_in(browser, name, password)
    assert answer.status_code == 401
    assert "Ce nom et ce mot de passe ne correspondent pas" in answer.text
    assert (await browser.get("/demandes")).status_code == 303
    assert hall.audit.entries[-1].act is Act.SIGN_IN_REFUSED
    assert password not in hall.audit.entries[-1].model_dump_json() or not password


async def test_too_many_tries_are_paused_even_with_the_right_password(open_browser, hall):
    browser = open_browser()
    for _ in range(10):
        assert (await try_to_sign_in(browser, "karim.haddad", "wrong")).status_code == 401
    answer = await try_to_sign_in(browser, "karim.haddad", PASSWORD)
    assert answer.status_code == 429
    assert "Trop d’essais" in answer.text
    assert (await try_to_sign_in(browser, "paul.mercier", PASSWORD)).status_code == 303
    hall.clock.now += timedelta(minutes=16)
    assert (await try_to_sign_in(browser, "karim.haddad", PASSWORD)).status_code == 303


async def test_tries_made_all_at_once_are_many_tries(open_browser, monkeypatch):
    checked: list[str] = []
    monkeypatch.setattr(check_password, "password_matches", lambda _hash, password: bool(checked.append(password)))
    statuses: list[int] = []
    for _ in range(2):
        tries = (try_to_sign_in(open_browser(), "karim.haddad", "wrong") for _ in range(PER_PLACE.tries + 5))
        statuses += [answer.status_code for answer in await asyncio.gather(*tries)]
    assert statuses.count(401) == PER_PLACE.tries
    assert statuses.count(429) == PER_PLACE.tries + 10
    assert len(checked) == PER_PLACE.tries, "one that is counted after its check has found out already"


async def test_past_the_queue_the_answer_is_quick_and_keeps_the_name_alone(open_browser, hall):
    tries = (try_to_sign_in(open_browser(), f"name-{nth}", "my-secret") for nth in range(2 * STRANGERS_WAITING))
    answers = [answer for answer in await asyncio.gather(*tries) if answer.status_code == 429]
    assert len(answers) == STRANGERS_WAITING - 1
    assert "Beaucoup de monde se connecte" in answers[0].text
    assert 'value="name-' in answers[0].text
    assert "my-secret" not in answers[0].text
    assert int(answers[0].headers["Retry-After"]) < 60
    assert [*hall.tries.numbers.values()] == [STRANGERS_WAITING + 1]  # what nobody judged is no wrong name


async def test_who_was_refused_for_the_queue_has_spent_no_try(open_browser):
    tries = (try_to_sign_in(open_browser(), f"name-{nth}", "wrong") for nth in range(2 * STRANGERS_WAITING))
    await asyncio.gather(*tries)
    assert (await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD)).status_code == 303


async def test_nothing_in_the_store_of_tries_and_places_can_be_guessed(open_browser, hall):
    await try_to_sign_in(open_browser(), "karim.haddad", "wrong")
    await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD)
    kept = {*hall.tries.empty_at, *hall.places.until}
    assert len(kept) == 5
    parts = ("karim.haddad", "127.0.0.1", "karim.haddad\0" + "127.0.0.1", "karim.haddad127.0.0.1")
    assert kept.isdisjoint(hashlib.sha256(part.encode()).hexdigest() for part in parts)
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in kept)


async def test_a_pause_says_how_long_it_is(open_browser):
    for _ in range(PER_PLACE.tries):
        await try_to_sign_in(open_browser(), "karim.haddad", "wrong")
    answer = await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD)
    assert int(answer.headers["Retry-After"]) == PER_PLACE.regained_every.total_seconds()


async def test_a_right_password_and_an_outage_are_no_try_to_count(open_browser, hall, monkeypatch):
    async def away(*_: object) -> None:
        raise TransientError("the accounts are away")

    for _ in range(PER_ADDRESS.tries + 1):
        assert (await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD)).status_code == 303
    with monkeypatch.context() as patch:
        patch.setattr(InMemoryAgentAccounts, "find", away)
        browser = open_browser()
        for _ in range(PER_PLACE.tries + 1):
            assert (await try_to_sign_in(browser, "karim.haddad", PASSWORD)).status_code == 503
    assert (await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD)).status_code == 303


async def test_a_sign_in_form_of_another_browser_is_refused(open_browser):
    page = await open_browser().get("/connexion")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "name": "karim.haddad", "password": PASSWORD}
    assert (await open_browser().post("/connexion", data=form)).status_code == 403


async def test_without_a_durable_audit_entry_nobody_gets_in(open_browser, hall):
    hall.audit.away = True
    browser = open_browser()
    assert (await try_to_sign_in(browser, "karim.haddad", PASSWORD)).status_code == 503
    hall.audit.away = False
    assert (await browser.get("/demandes")).status_code == 303


@pytest.mark.parametrize(("after", "still_in"), [(IDLE, True), (IDLE + timedelta(seconds=1), False)])
async def test_an_idle_session_ends(karim, hall, after, still_in):
    hall.clock.now += after
    assert ((await karim.get("/demandes")).status_code == 200) is still_in


async def test_a_busy_session_ends_after_a_working_day(karim, hall):
    end = hall.clock.now + LONGEST
    while hall.clock.now + IDLE < end:
        hall.clock.now += IDLE
        assert (await karim.get("/demandes")).status_code == 200
    hall.clock.now = end
    assert (await karim.get("/demandes")).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/demandes/2026-AAAA-BBB", "/demandes/2026-AAAA-BBB"),
        ("https://evil.example/demandes", "/demandes"),
        ("//evil.example", "/demandes"),
        ("/static/../x", "/demandes"),
    ],
)
async def test_signing_in_leads_to_our_own_pages_only(open_browser, wanted, goes_to):
    answer = await try_to_sign_in(open_browser(), "karim.haddad", PASSWORD, wanted)
    assert answer.headers["location"] == goes_to


async def test_a_token_that_was_planted_in_a_browser_is_known_nowhere(open_browser):
    """Set from a sibling of the town's domain, or past TLS: whoever planted it would pass for the agent's browser."""
    planted, browser = "A" * 43, open_browser()
    browser.cookies.set("guichet_navigateur", planted)
    answer = await try_to_sign_in(browser, "karim.haddad", PASSWORD)
    kept = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("guichet_navigateur="))
    assert planted not in kept
    again = await try_to_sign_in(browser, "karim.haddad", PASSWORD)
    same = next(value for value in again.headers.get_list("set-cookie") if value.startswith("guichet_navigateur="))
    assert same.partition(";")[0] == kept.partition(";")[0], "a browser that is known keeps its own"
