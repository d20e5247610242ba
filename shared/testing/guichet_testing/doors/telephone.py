"""An agent's browser at the page that asks for a code, and the telephone that knows it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
import pyotp

from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall

STEP: Final = timedelta(seconds=30)
PAGE: Final = "/double-authentification"
CODE_PAGE: Final = "/connexion/code"


def field(page: httpx.Response, name: str = "form_token") -> str:
    """Return what a page's form carries along under this name."""
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]


async def give_password(
    browser: httpx.AsyncClient, password: str = PASSWORD, name: str = "karim.haddad", vers: str = ""
) -> httpx.Response:
    """Send the sign-in form."""
    token = field(await browser.get("/connexion"))
    said = {"form_token": token, "name": name, "password": password, "vers": vers}
    return await browser.post("/connexion", data=said)


async def give_code(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    """Send the form that asks for a code."""
    token = field(await browser.get(CODE_PAGE))
    return await browser.post(CODE_PAGE, data={"form_token": token, "code": code})


def secret_in(page: httpx.Response) -> str:
    """Return the secret that the page to enrol shows."""
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.text)
    assert found is not None
    return found[1].replace(" ", "")


def codes_in(page: httpx.Response) -> list[str]:
    """Return the recovery codes that a page shows."""
    return re.findall(r"<li>([a-z0-9-]{19})</li>", page.text)


@dataclass
class Telephone:
    """What an agent has in hand after enrolling. recovery: codes."""

    hall: TownHall
    secret: str
    recovery: list[str]

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of so many steps later."""
        return pyotp.TOTP(self.secret).at(self.hall.clock.now + steps * STEP)


async def enrol(hall: TownHall, browser: httpx.AsyncClient, password: str = PASSWORD) -> Telephone:
    """Add a second factor on an open page; the clock is moved past the code that it took."""
    page = await browser.get(PAGE)
    secret = secret_in(page)
    code = pyotp.TOTP(secret).at(hall.clock.now)
    answer = await browser.post(PAGE, data={"form_token": field(page), "code": code, "password": password})
    assert answer.status_code == 200, answer.text
    hall.clock.now += STEP
    return Telephone(hall, secret, codes_in(answer))
