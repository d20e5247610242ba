"""A second factor is added, replaced and given up: by who has the password and a code, and where the town allows."""

import httpx
import pyotp
import pytest

from agent_desk.domain.sign_in.try_limits import PER_PLACE
from guichet.ids import AgentId
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.doors.telephone import (
    PAGE,
    STEP,
    codes_in,
    enrol,
    field,
    give_code,
    give_password,
    secret_in,
)

KARIM = AgentId("agent-12")


async def test_an_account_without_a_second_factor_signs_in_as_before(open_browser, cases):
    browser = open_browser()
    assert (await give_password(browser)).headers["location"] == "/demandes"
    assert (await browser.get("/demandes")).status_code == 200


async def test_an_operators_password_is_changed_before_a_second_factor_is_added(hall, open_browser, cases):
    account = await hall.accounts.find(KARIM)
    await hall.accounts.replace(account, account.model_copy(update={"must_change": True}))
    browser = open_browser()
    await give_password(browser)
    assert (await browser.get(PAGE)).headers["location"] == "/mot-de-passe"


async def test_enrolling_ends_every_session_that_began_without(hall, sign_in, cases):
    here, elsewhere = await sign_in("karim.haddad"), await sign_in("karim.haddad")
    await enrol(hall, here)
    assert (await here.get("/demandes")).status_code == 200
    assert (await elsewhere.get("/demandes")).status_code == 303


@pytest.mark.parametrize(
    ("said", "told"),
    [({"password": "guessed"}, "Le mot de passe n’est pas le bon"), ({"code": "000000"}, "Ce code ne convient pas")],
)
async def test_no_second_factor_without_the_password_and_a_code_of_it(hall, karim, said, told):
    page = await karim.get(PAGE)
    right = {"form_token": field(page), "code": pyotp.TOTP(secret_in(page)).at(hall.clock.now), "password": PASSWORD}
    answer = await karim.post(PAGE, data=right | said)
    assert answer.status_code == 422
    assert told in answer.text
    assert (await hall.accounts.find(KARIM)).second_factor is None
    assert secret_in(answer) == secret_in(page), "the telephone that scanned the page must be scanned anew"


async def test_the_page_to_enrol_is_no_place_to_guess_the_password(hall, karim):
    page = await karim.get(PAGE)
    form = {"form_token": field(page), "code": pyotp.TOTP(secret_in(page)).at(hall.clock.now), "password": "guess"}
    statuses = [(await karim.post(PAGE, data=form)).status_code for _ in range(PER_PLACE.tries + 1)]
    assert statuses == [422] * PER_PLACE.tries + [429]


async def test_a_second_enrolment_does_not_replace_the_first(hall, phone, karim):
    page = await karim.get(PAGE)
    assert 'class="secret"' not in page.text
    said = {"form_token": field(page), "code": "000000", "password": PASSWORD}
    before = await hall.accounts.find(KARIM)
    assert (await karim.post(PAGE, data=said)).status_code == 422
    assert await hall.accounts.find(KARIM) == before


async def use(browser, part: str, code: str, password: str = PASSWORD):
    said = {"form_token": field(await browser.get(PAGE)), "code": code, "password": password}
    return await browser.post(f"{PAGE}/{part}", data=said)


async def test_renewed_recovery_codes_replace_those_of_before(hall, phone, karim, open_browser):
    renewed = codes_in(await use(karim, "codes", phone.code()))
    assert len(renewed) == 8
    for code, status in ((phone.recovery[0], 401), (renewed[0], 303)):
        browser = open_browser()
        await give_password(browser)
        assert (await give_code(browser, code)).status_code == status
    assert Act.RECOVERY_CODES_RENEWED in [entry.act for entry in hall.audit.entries]


@pytest.mark.parametrize("part", ["codes", "retrait"])
async def test_an_open_page_is_not_enough_to_change_a_second_factor(hall, phone, karim, part):
    before = await hall.accounts.find(KARIM)
    assert (await use(karim, part, "000000")).status_code == 422
    assert (await use(karim, part, phone.code(), "guessed")).status_code == 422
    assert await hall.accounts.find(KARIM) == before


async def test_a_second_factor_is_given_up_where_the_town_allows(hall, phone, karim, open_browser):
    assert (await use(karim, "retrait", phone.code())).headers["location"] == f"{PAGE}?fait=retrait"
    assert (await karim.get("/demandes")).status_code == 200
    assert (await give_password(open_browser())).headers["location"] == "/demandes"
    assert Act.SECOND_FACTOR_REMOVED in [entry.act for entry in hall.audit.entries]


async def test_a_second_factor_is_not_given_up_where_the_town_wants_one(hall, phone):
    hall.second_factor_required = True
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hall.web()), base_url="http://desk.test") as browser:
        await give_password(browser)
        await give_code(browser, phone.code())
        hall.clock.now += STEP
        assert "retrait" not in (await browser.get(PAGE)).text
        assert (await use(browser, "retrait", phone.code())).status_code == 422
        assert (await hall.accounts.find(KARIM)).second_factor is not None


@pytest.mark.parametrize("part", ["", "/codes", "/retrait"])
async def test_without_a_durable_audit_entry_no_second_factor_changes(hall, karim, part):
    page = await karim.get(PAGE)
    form, secret = {"form_token": field(page), "password": PASSWORD}, secret_in(page)
    if part:
        phone = await enrol(hall, karim)
        form, secret = {"form_token": field(await karim.get(PAGE)), "password": PASSWORD}, phone.secret
    before = (await hall.accounts.find(KARIM)).second_factor
    hall.audit.away = True
    answer = await karim.post(f"{PAGE}{part}", data=form | {"code": pyotp.TOTP(secret).at(hall.clock.now)})
    assert answer.status_code == 503
    after = (await hall.accounts.find(KARIM)).second_factor
    assert (after and (after.secret, after.recovery)) == (before and (before.secret, before.recovery))
