"""A desk over twins, and agents with a browser each."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from guichet.case.record import CaseRecord
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall

Browser = httpx.AsyncClient
SignIn = Callable[[str], Awaitable[Browser]]


@pytest.fixture(autouse=True)
def _quick(quick_passwords: None) -> None:
    """Most tests sign somebody in, and none claims what a guess costs."""


@pytest.fixture
def hall() -> TownHall:
    return TownHall()


@pytest.fixture
async def cases(hall: TownHall) -> dict[str, CaseRecord]:
    return await a_busy_morning(hall)


@pytest.fixture
async def open_browser(hall: TownHall) -> AsyncIterator[Callable[[], Browser]]:
    transport = httpx.ASGITransport(hall.web())
    browsers: list[Browser] = []

    def open_one() -> Browser:
        browsers.append(Browser(transport=transport, base_url="http://desk.test"))
        return browsers[-1]

    yield open_one
    for browser in browsers:
        await browser.aclose()


@pytest.fixture
def sign_in(open_browser: Callable[[], Browser]) -> SignIn:
    async def sign_in(name: str) -> Browser:
        browser = open_browser()
        page = await browser.get("/connexion")
        form = {"form_token": field(page, "form_token"), "name": name, "password": PASSWORD, "vers": ""}
        answer = await browser.post("/connexion", data=form)
        assert answer.status_code == 303
        return browser

    return sign_in


@pytest.fixture
async def karim(sign_in: SignIn, cases: dict[str, CaseRecord]) -> Browser:
    """An agent of the streets department, on a busy morning."""
    return await sign_in("karim.haddad")


@pytest.fixture
def fields() -> Callable[[httpx.Response], dict[str, str]]:
    """Read the hidden fields of a page's forms."""

    def read(page: httpx.Response) -> dict[str, str]:
        there = [
            name
            for name in ("form_token", "once", "shown", "answers", "replaces", "closes_despite", "attached")
            if f'name="{name}"' in page.text
        ]
        return {name: field(page, name) for name in there}

    return read


@pytest.fixture
def search() -> Callable[[Browser, str], Awaitable[httpx.Response]]:
    """Type something into the search field of the header, and go where that leads."""

    async def send(browser: Browser, typed: str) -> httpx.Response:
        token = field(await browser.get("/demandes"), "form_token")
        led = await browser.post("/recherche", data={"form_token": token, "q": typed})
        return await browser.get(led.headers["location"])

    return send


def field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name} in {page.text[:200]}"
    return found[1]
