"""A second factor: enrolled with a telephone, asked for after the password, each code taken once, lost with a phone."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from starlette.routing import Route

from agent_desk.domain.sign_in.one_time_codes import address_of, matching_step
from agent_desk.domain.sign_in.qr_code import qr_code
from agent_desk.domain.sign_in.sessions import PENDING
from agent_desk.domain.sign_in.try_limits import CODES, CODES_ELSEWHERE
from guichet.ids import AgentId
from guichet.privacy.passwords import hash_password
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.doors.telephone import (
    CODE_PAGE,
    PAGE,
    STEP,
    enrol,
    field,
    give_code,
    give_password,
    secret_in,
)
from guichet_testing.twins.store.agents.sessions import InMemorySessions

KARIM = AgentId("agent-12")


async def test_an_enrolled_agent_is_let_in_by_password_and_code(hall, phone, open_browser):
    browser = open_browser()
    answer = await give_password(browser, vers="/demandes/2026-AAAA-BBB")
    assert answer.headers["location"] == f"{CODE_PAGE}?vers=/demandes/2026-AAAA-BBB"
    answer = await give_code(browser, phone.code())
    assert (answer.status_code, answer.headers["location"]) == (303, "/demandes")
    assert (await browser.get("/demandes")).status_code == 200
    acts = [entry.act for entry in hall.audit.entries if entry.agent == KARIM]
    assert acts[-3:] == [Act.CODE_ASKED, Act.SIGNED_IN, Act.LISTED]


async def test_the_secret_lies_sealed_for_its_agent_and_no_code_in_the_clear(hall, phone):
    account = await hall.accounts.find(KARIM)
    resting = repr(account.model_dump())
    assert phone.secret not in resting
    assert not [code for code in phone.recovery if code in resting or code.replace("-", "") in resting]
    assert len({*phone.recovery}) == 8
    said = "".join(entry.model_dump_json() for entry in hall.audit.entries)
    assert phone.secret not in said


async def test_another_agents_sealed_secret_opens_nothing(hall, phone, sign_in, open_browser):
    """Whoever may write in the store puts their own second factor into another's account."""
    thief = await enrol(hall, await sign_in("sophie.renard"))
    theirs = (await hall.accounts.find(await id_of(hall, "sophie.renard"))).second_factor
    account = await hall.accounts.find(KARIM)
    assert await hall.accounts.set_second_factor(account, theirs)
    browser = open_browser()
    await give_password(browser)
    assert (await give_code(browser, thief.code())).status_code == 409
    samples = [sample for metric in ALARM.collect() for sample in metric.samples if sample.value == 1]
    assert {"alarm": "tampered", "cause": "second-factor"}.items() <= samples[-1].labels.items()
    assert (await browser.get("/demandes")).status_code == 303


async def id_of(hall, name: str) -> AgentId:
    return next(agent.agent_id for agent in hall.town.agents if agent.sign_in == name)


async def test_a_code_is_taken_once(phone, open_browser):
    code, first, second = phone.code(), open_browser(), open_browser()
    for browser in (first, second):
        await give_password(browser)
    assert (await give_code(first, code)).status_code == 303
    answer = await give_code(second, code)
    assert answer.status_code == 401
    assert "a déjà servi" in answer.text
    assert (await second.get("/demandes")).status_code == 303


async def test_the_code_that_enrolled_lets_nobody_in(hall, karim, open_browser):
    page = await karim.get(PAGE)
    code = pyotp.TOTP(secret_in(page)).at(hall.clock.now)
    await karim.post(PAGE, data={"form_token": field(page), "code": code, "password": PASSWORD})
    browser = open_browser()
    await give_password(browser)
    assert (await give_code(browser, code)).status_code == 401


async def test_a_code_of_before_one_that_was_taken_lets_nobody_in(hall, phone, open_browser):
    hall.clock.now += STEP
    first, second = open_browser(), open_browser()
    for browser in (first, second):
        await give_password(browser)
    assert (await give_code(first, phone.code())).status_code == 303
    assert (await give_code(second, phone.code(-1))).status_code == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
async def test_a_clock_may_be_half_a_minute_off(hall, phone, open_browser, steps, status):
    hall.clock.now += 5 * STEP
    browser = open_browser()
    await give_password(browser)
    assert (await give_code(browser, phone.code(steps))).status_code == status


async def test_one_code_given_twice_at_once_is_one_session(hall, phone, open_browser):
    code, browsers = phone.code(), [open_browser() for _ in range(5)]
    for browser in browsers:
        await give_password(browser)
    answers = await asyncio.gather(*(give_code(browser, code) for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401, 401]


async def test_a_recovery_code_opens_once_however_it_is_typed(hall, phone, open_browser):
    typed = phone.recovery[0].upper().replace("-", " ")
    for status in (303, 401):
        browser = open_browser()
        await give_password(browser)
        assert (await give_code(browser, typed)).status_code == status
    assert Act.RECOVERY_CODE_USED in [entry.act for entry in hall.audit.entries]
    assert len((await hall.accounts.find(KARIM)).second_factor.recovery) == len(phone.recovery) - 1


async def test_a_pending_sign_in_opens_no_door(hall, phone, open_browser, cases):
    """Whatever route is added is tried, too, with each cookie in the other's place."""
    browser = open_browser()
    await give_password(browser)
    pending = browser.cookies["guichet_code"]
    form = {"form_token": field(await browser.get(CODE_PAGE)), "current": PASSWORD, "password": PASSWORD}
    before, tried = len(hall.audit.entries), 0
    for in_place_of_a_session in (False, True):
        if in_place_of_a_session:
            browser.cookies.set("guichet_session", pending, domain="desk.test")
        for path, method in _routes(hall):
            if path.startswith("/connexion") or path == "/":
                continue
            tried += 1
            address = re.sub(r"\{.*?\}", cases["hole"].reference, path)
            answer = await browser.request(method, address, data=form if method == "POST" else None)
            led = (303, f"/connexion?vers={address}") if method == "GET" else (401, None)
            assert (answer.status_code, answer.headers.get("location")) == led, f"{method} {path}"
    assert tried > 20
    assert len(hall.audit.entries) == before, "something was read or done"
    stream = await browser.get("/demandes/direct", headers={"accept": "text/event-stream"})
    assert stream.status_code == 401


def _routes(hall) -> list[tuple[str, str]]:
    routes = [route for route in hall.web().routes if isinstance(route, Route)]
    found = [(route.path, method) for route in routes for method in (route.methods or ()) if method != "HEAD"]
    assert ("/demandes", "GET") in found
    return found


async def test_where_the_town_wants_one_a_password_alone_opens_the_page_to_enrol(hall, open_browser, cases):
    hall.second_factor_required = True
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(hall.web()), base_url="http://desk.test")
    async with browser:
        await give_password(browser)
        form = {"form_token": field(await browser.get(PAGE))}
        for path, method in _routes(hall):
            if path in {PAGE, "/", "/mot-de-passe"} or path.startswith(("/connexion", "/deconnexion")):
                continue
            address = re.sub(r"\{.*?\}", cases["hole"].reference, path)
            answer = await browser.request(method, address, data=form if method == "POST" else None)
            led = (303, PAGE) if method == "GET" else (401, None)
            assert (answer.status_code, answer.headers.get("location")) == led, f"{method} {path}"
        assert 'action="/recherche"' not in (await browser.get(PAGE)).text
        await enrol(hall, browser)
        assert (await browser.get("/demandes")).status_code == 200


async def test_the_session_is_another_one_than_was_pending(phone, open_browser):
    browser = open_browser()
    browser.cookies.set("guichet_session", "A" * 43, domain="desk.test")
    await give_password(browser)
    assert "guichet_session" not in browser.cookies, "a planted session stays beside the pending sign-in"
    pending = browser.cookies["guichet_code"]
    await give_code(browser, phone.code())
    assert browser.cookies["guichet_session"] != pending
    assert "guichet_code" not in browser.cookies


async def test_a_pending_sign_in_is_spent_by_its_session_and_over_after_some_minutes(hall, phone, open_browser):
    browser = open_browser()
    await give_password(browser)
    pending, form = browser.cookies["guichet_code"], field(await browser.get(CODE_PAGE))
    assert (await give_code(browser, phone.code())).status_code == 303
    hall.clock.now += STEP
    browser.cookies.set("guichet_code", pending, domain="desk.test")
    again = await browser.post(CODE_PAGE, data={"form_token": form, "code": phone.code()})
    assert again.status_code == 401
    late = open_browser()
    await give_password(late)
    hall.clock.now += PENDING
    assert (await late.get(CODE_PAGE)).headers["location"].startswith("/connexion?")


async def test_a_password_that_was_reset_while_its_code_was_typed_lets_nobody_in(
    hall, phone, open_browser, monkeypatch
):
    browser, true = open_browser(), InMemorySessions.find
    await give_password(browser)
    form = field(await browser.get(CODE_PAGE))

    async def found_just_before(self, name):
        session = await true(self, name)
        if session is not None:
            account = await hall.accounts.find(KARIM)
            new = {"password_hash": hash_password("another"), "must_change": True}
            assert await hall.accounts.replace(account, account.model_copy(update=new))
            await hall.sessions.end_all(KARIM)
        return session

    monkeypatch.setattr(InMemorySessions, "find", found_just_before)
    answer = await browser.post(CODE_PAGE, data={"form_token": form, "code": phone.code()})
    assert answer.status_code == 401
    assert not hall.sessions._sessions


async def test_guesses_are_few_also_at_once_and_each_is_noted(hall, phone, karim, open_browser):
    """By who knows the password, in a browser of their own."""
    guesser = open_browser()
    await give_password(guesser)
    form = field(await guesser.get(CODE_PAGE))
    hall.places.until.clear()  # somewhere that the agent has never been
    guesses = [guesser.post(CODE_PAGE, data={"form_token": form, "code": f"{nth:06}"}) for nth in range(200)]
    statuses = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert (statuses.count(401), statuses.count(429)) == (CODES_ELSEWHERE.tries, 200 - CODES_ELSEWHERE.tries)
    assert [entry.act for entry in hall.audit.entries].count(Act.CODE_REFUSED) == CODES_ELSEWHERE.tries
    assert (await give_code(guesser, phone.code())).status_code == 429, "the right one after too many"


async def test_a_guesser_elsewhere_does_not_keep_the_agents_browser_out(hall, phone, karim, open_browser):
    guesser = open_browser()
    await give_password(guesser)
    for nth in range(CODES_ELSEWHERE.tries + 1):
        await give_code(guesser, f"{nth:06}")
    hall.clock.now += STEP
    await give_password(karim)
    assert (await give_code(karim, phone.code())).status_code == 303


async def test_browsers_known_from_before_the_enrolment_give_no_guesses_of_their_own(hall, sign_in, open_browser):
    """Who knows a password may have signed in from many, while it was enough."""
    thieves = [open_browser() for _ in range(10)]
    for thief in thieves:
        await give_password(thief)
    await enrol(hall, await sign_in("karim.haddad"))
    guesses = []
    for thief in thieves:
        await give_password(thief)
        guesses += [(await give_code(thief, f"{nth:06}")).status_code for nth in range(5)]
    assert guesses.count(401) == CODES_ELSEWHERE.tries


async def test_a_browser_is_known_for_codes_once_one_was_right_there(hall, phone, open_browser):
    browser, guesser = open_browser(), open_browser()
    await give_password(browser)
    assert (await give_code(browser, phone.code())).status_code == 303
    await give_password(guesser)
    for nth in range(CODES_ELSEWHERE.tries + 1):
        await give_code(guesser, f"{nth:06}")
    hall.clock.now += STEP
    await give_password(browser)
    assert (await give_code(browser, phone.code())).status_code == 303


async def test_sign_ins_that_stop_at_the_code_do_not_fill_the_trail(hall, phone, open_browser):
    statuses = [(await give_password(open_browser())).status_code for _ in range(30)]
    assert statuses == [303] * 10 + [429] * 20
    assert [entry.act for entry in hall.audit.entries].count(Act.CODE_ASKED) == 10
    assert len(hall.sessions._sessions) == 10 + 1
    hall.clock.now += timedelta(hours=1) / 10
    assert (await give_password(open_browser())).status_code == 303


async def test_who_mistypes_at_their_own_desk_is_not_kept_out_for_a_day(hall, phone, karim):
    await give_password(karim)
    statuses = [(await give_code(karim, f"{nth:06}")).status_code for nth in range(CODES.tries + 1)]
    assert statuses == [401] * CODES.tries + [429]
    hall.clock.now += CODES.regained_every
    await give_password(karim)
    assert (await give_code(karim, phone.code())).status_code == 303


async def test_a_wrong_password_is_answered_alike_with_and_without_a_second_factor(hall, phone, open_browser):
    answers = [
        await give_password(open_browser(), "wrong", name) for name in ("karim.haddad", "paul.mercier", "nobody")
    ]
    assert {answer.status_code for answer in answers} == {401}
    names = ("karim.haddad", "paul.mercier", "nobody")
    pages = {
        answer.text.replace(field(answer), "").replace(name, "") for answer, name in zip(answers, names, strict=True)
    }
    assert len(pages) == 1
    assert {tuple(sorted(answer.cookies)) for answer in answers} == {("guichet_connexion",)}


async def test_without_the_vault_nobody_is_let_in_and_no_try_is_spent(hall, phone, open_browser):
    browser = open_browser()
    await give_password(browser)
    hall.vault.away = True
    for _ in range(CODES_ELSEWHERE.tries + 1):
        assert (await give_code(browser, phone.code())).status_code == 503
    hall.vault.away = False
    assert (await give_code(browser, phone.code())).status_code == 303


@pytest.mark.parametrize("key", ["destroyed", "never held"])
async def test_a_key_that_the_vault_lost_lets_nobody_in_but_by_a_recovery_code(hall, phone, open_browser, key):
    """Never held: the vault was restored from before the enrolment."""
    key_id = (await hall.accounts.find(KARIM)).second_factor.secret.key_id
    if key == "destroyed":
        await hall.vault.destroy_keys([key_id])
    else:
        del hall.vault._keys[key_id]
    browser = open_browser()
    await give_password(browser)
    assert (await give_code(browser, phone.code())).status_code == 401
    assert (await give_code(browser, phone.recovery[0])).status_code == 303


async def test_a_form_of_another_browser_gives_no_code(phone, open_browser):
    mine, other = open_browser(), open_browser()
    for browser in (mine, other):
        await give_password(browser)
    theirs = field(await other.get(CODE_PAGE))
    assert (await mine.post(CODE_PAGE, data={"form_token": theirs, "code": phone.code()})).status_code == 403


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "a" * 16, "１２３４５６", "x" * 5000, "0\x0000000"])
async def test_whatever_is_typed_is_a_wrong_code(phone, open_browser, typed):
    browser = open_browser()
    await give_password(browser)
    assert (await give_code(browser, typed)).status_code == 401


async def test_the_drawing_is_the_secret_and_needs_no_other_host(karim):
    page = await karim.get(PAGE)
    svg, _, _ = page.text[page.text.index("<svg viewBox") :].partition("</svg>")
    address = address_of(secret_in(page), account="karim.haddad", issuer="Guichet Saint-Aubin-des-Prés")
    assert str(qr_code(address)).startswith(svg)
    assert (pyotp.parse_uri(address).secret, pyotp.parse_uri(address).name) == (secret_in(page), "karim.haddad")
    assert "style" not in svg
    assert "http" not in svg
    assert "img-src 'self'" in page.headers["content-security-policy"]


def test_the_codes_are_those_of_the_standard():
    """RFC 6238, appendix B, the last six digits; the secret is the ASCII of 12345678901234567890."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert matching_step(secret, code, at) == seconds // 30
        assert matching_step(secret, code, at + 2 * STEP) is None
