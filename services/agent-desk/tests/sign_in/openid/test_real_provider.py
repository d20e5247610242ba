"""The desk beside a real identity provider, npm's oidc-provider: what it really sends is what the desk takes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from agent_desk.domain.sign_in.sessions import session_id
from agent_desk.handlers.sign_in.openid.ask import open_http
from guichet.clock import SystemClock
from guichet.store.audit.trail import Act
from guichet_local.machine.ports import free_ports
from guichet_testing.doors.beside_a_provider import a_client, lay_units_and_mappings
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_in_browser import sign_out
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.feigned_provider import SIRET
from guichet_testing.doors.filled_hall import KEY
from guichet_testing.real.openid_provider.server import (
    CLIENT_SECRET,
    STRONG,
    OpenIdProvider,
    running_provider,
)
from guichet_testing.real.pages import assert_clean, problems_of, served
from guichet_testing.twins.clock import Clock
from guichet_testing.until import until

pytestmark = pytest.mark.real


class MachinesClock(Clock):
    """The machine's time, as the provider has it, and so much more: which may be moved."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = timedelta(0)

    def __call__(self) -> datetime:
        return SystemClock().now() + self.moved


@dataclass
class Town:
    """A desk that is served, and the provider beside it."""

    hall: TownHall
    provider: OpenIdProvider
    desk: str


@asynccontextmanager
async def town(folder: Path, node: Path, client_more: dict[str, Any] | None = None, **how: Any) -> AsyncIterator[Town]:
    [port] = free_ports(1)
    desk = f"http://127.0.0.1:{port}"
    with running_provider(folder, node, desk, **how) as provider:
        client = a_client(provider.issuer, desk, CLIENT_SECRET, **client_more or {})
        async with open_http() as http:
            hall = TownHall(clock=MachinesClock(), client=client, provider_http=http)
            await lay_units_and_mappings(hall.staff)
            await a_busy_morning(hall)
            provider.knows(
                "lea",
                given_name="Léa",
                usual_name="Vasseur",
                siret=SIRET,
                organizational_unit="Direction de la voirie",
                email="lea@mairie.example",
            )
            async with served(hall.web(), port):
                yield Town(hall, provider, desk)


@pytest.fixture
async def here(tmp_path: Path, node: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, node) as town_here:
        yield town_here


async def there_and_back(browser: httpx.AsyncClient, desk: str, name: str = "lea", acr: str = "") -> httpx.Response:
    """Follow a browser to the provider, sign in where it asks, and come back."""
    page = await follow(browser, await browser.get(f"{desk}/connexion/fournisseur"))
    if "/interaction/" not in str(page.url):
        return page
    return await follow(browser, await browser.post(str(page.url), data={"who": name, "acr": acr}))


async def follow(browser: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    while page.is_redirect:
        page = await browser.get(urljoin(str(page.url), page.headers["location"]))
    return page


async def name_shown(browser: httpx.AsyncClient, desk: str) -> str | None:
    page = await browser.get(f"{desk}/demandes")
    return (
        page.text.split("data-menu>")[1].split("<summary>")[1].split("</summary>")[0]
        if page.status_code == 200
        else None
    )


async def is_out(browser: httpx.AsyncClient, desk: str) -> bool:
    return await name_shown(browser, desk) is None


def a_browser() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, timeout=20)


@pytest.mark.parametrize("signed", [True, False])
async def test_an_agent_signs_in_whether_what_is_said_of_them_is_a_token_or_plain(tmp_path, node, signed):
    async with town(tmp_path, node, signed_user_info=signed) as here, a_browser() as browser:
        answer = await there_and_back(browser, here.desk)
        assert "Vous êtes connecté" in answer.text, answer.text
        assert await name_shown(browser, here.desk) == "Léa Vasseur"
        assert [entry.act for entry in here.hall.audit.entries][:2] == [Act.AGENT_PROVISIONED, Act.SIGNED_IN]


async def test_a_changed_unit_counts_at_the_next_sign_in_and_one_that_is_unknown_opens_nothing(here):
    async with a_browser() as older, a_browser() as newer, a_browser() as third:
        await there_and_back(older, here.desk)
        here.provider.knows("lea", **here.provider.people["lea"] | {"organizational_unit": "État civil"})
        await there_and_back(newer, here.desk)
        assert await name_shown(older, here.desk) is None
        assert await name_shown(newer, here.desk) == "Léa Vasseur"
        here.provider.knows("lea", **here.provider.people["lea"] | {"organizational_unit": "Piscine"})
        answer = await there_and_back(third, here.desk)
        assert answer.status_code == 403
        assert "Piscine" in answer.text
        assert await name_shown(third, here.desk) is None


async def test_two_factors_that_the_town_cannot_do_without_are_asked_for_until_they_are_shown(tmp_path, node):
    async with town(tmp_path, node, {"strong_required": True}) as here, a_browser() as browser:
        for weak in ("eidas1", ""):
            page = await there_and_back(browser, here.desk, acr=weak)
            assert str(page.url).startswith(here.provider.issuer), "the provider itself lets nobody come back without"
        await there_and_back(browser, here.desk, acr=STRONG)
        session = await here.hall.sessions.find(session_id(KEY, browser.cookies["guichet_session"]))
        assert session.second_factor
        assert session.provider_session is not None


async def test_signing_out_here_signs_out_there(here):
    async with a_browser() as browser:
        await there_and_back(browser, here.desk)
        page = await browser.get(f"{here.desk}/demandes")
        token = page.text.split('name="form_token" value="')[1].split('"')[0]
        page = await browser.post(f"{here.desk}/deconnexion", data={"form_token": token})
        onward = page.text.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
        assert onward.startswith(here.provider.issuer)
        asked = await browser.get(onward)
        form = dict(re.findall(r'name="(\w+)" value="(\w+)"', asked.text))
        done = await browser.post(f"{here.provider.issuer}/session/end/confirm", data={**form, "logout": "yes"})
        assert done.headers["location"].startswith(f"{here.desk}/connexion")
        again = await browser.get(f"{here.desk}/connexion/fournisseur")
        page = await browser.get(again.headers["location"])
        assert "/interaction/" in page.headers["location"], "the provider asks who it is: nobody is signed in there"


async def test_who_is_signed_out_there_is_signed_out_here_by_what_the_provider_sends(here):
    async with a_browser() as browser, a_browser() as elsewhere:
        await there_and_back(browser, here.desk)
        here.provider.knows("paul", **here.provider.people["lea"] | {"sub": "sub-of-paul"})
        await there_and_back(elsewhere, here.desk, "paul")
        asked = await browser.get(f"{here.provider.issuer}/session/end")
        form = dict(re.findall(r'name="(\w+)" value="(\w+)"', asked.text))
        await browser.post(f"{here.provider.issuer}/session/end/confirm", data={**form, "logout": "yes"})
        await until(partial(is_out, browser, here.desk), "the provider has told the desk")
        assert await name_shown(elsewhere, here.desk) is not None


async def test_other_keys_are_learnt_and_while_it_is_away_who_is_signed_in_goes_on(here):
    async with a_browser() as browser, a_browser() as second, a_browser() as third:
        await there_and_back(browser, here.desk)
        here.provider.change_keys()
        here.hall.clock.moved = timedelta(minutes=1)
        assert "Vous êtes connecté" in (await there_and_back(second, here.desk)).text
        here.provider.stop()
        here.hall.clock.moved = timedelta(hours=1)
        assert await name_shown(browser, here.desk) == "Léa Vasseur"
        answer = await third.get(f"{here.desk}/connexion/fournisseur")
        assert answer.status_code == 503
        assert "ProConnect ne répond pas" in answer.text


async def test_a_client_whose_secret_is_wrong_lets_nobody_in(tmp_path, node):
    async with town(tmp_path, node, {"client_secret": "another"}) as here, a_browser() as browser:
        assert (await there_and_back(browser, here.desk)).status_code == 403
        assert await name_shown(browser, here.desk) is None


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)], ids=["desk", "phone"])
async def test_by_keyboard_in_a_browser_across_two_sites(chromium: Browser, tmp_path: Path, node: Path, size):
    """The provider is another site: the session's cookie, which no other site may have sent along, opens the next page."""
    async with town(tmp_path, node, host="localhost") as here:
        context = await chromium.new_context(
            base_url=here.desk, viewport={"width": size[0], "height": size[1]}, bypass_csp=True
        )
        page = await context.new_page()
        problems = problems_of(page)
        await page.goto("/connexion")
        await assert_clean(page, f"sign-in-by-provider-{size[0]}")
        await page.get_by_role("link", name="Se connecter avec ProConnect").focus()
        await page.keyboard.press("Enter")
        await sign_in_there(page, "lea")
        await page.wait_for_url("**/demandes")
        await expect(page.locator(".who")).to_contain_text("Léa Vasseur")
        await expect(page.locator(".who")).not_to_contain_text("Mot de passe")
        await sign_out(page)
        await page.wait_for_url(f"{here.provider.issuer}/**")
        await page.close()
        assert problems == []


async def test_whom_no_mapping_is_about_reads_whom_to_ask(chromium: Browser, tmp_path: Path, node: Path):
    async with town(tmp_path, node, host="localhost") as here:
        here.provider.knows("paul", **here.provider.people["lea"] | {"organizational_unit": "Piscine municipale"})
        context = await chromium.new_context(
            base_url=here.desk, viewport={"width": 390, "height": 844}, bypass_csp=True
        )
        page = await context.new_page()
        await page.goto("/connexion/fournisseur")
        await sign_in_there(page, "paul")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Guichet ne vous est pas encore ouvert")
        await expect(page.locator("main")).to_contain_text("Piscine municipale")
        await assert_clean(page, "unmapped")


async def sign_in_there(page: Page, name: str) -> None:
    await page.get_by_label("Personne").fill(name)
    await page.get_by_role("button", name="Continuer").click()
