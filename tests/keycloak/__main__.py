"""What `make keycloak` runs. Exit status 0: all of it held. Each step says what was seen."""

import asyncio
import html
import re
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import httpx

from agent_desk.handlers.sign_in.openid.ask import open_http
from guichet.clock import SystemClock
from guichet_local.machine.ports import HOST, free_ports
from guichet_testing.doors.beside_a_provider import a_client, lay_units_and_mappings
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import served
from guichet_testing.until import until
from tests.keycloak.fetch import fetch
from tests.keycloak.server import PASSWORD, SECRET, Keycloak, running_keycloak


async def sign_in(browser: httpx.AsyncClient, desk: str) -> httpx.Response:
    """Go to Keycloak by the desk's button, type name and password there, and come back."""
    page = await browser.get(f"{desk}/connexion/fournisseur")
    if str(page.url).startswith(desk):
        return page
    form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert form, page.text[:500]
    return await browser.post(html.unescape(form[1]), data={"username": "lea", "password": PASSWORD})


async def name_shown(browser: httpx.AsyncClient, desk: str) -> str | None:
    """Return who is signed in, as the desk's bar says; None: nobody."""
    page = await browser.get(f"{desk}/demandes", follow_redirects=False)
    return page.text.split("<span>")[1].split("</span>")[0] if page.status_code == 200 else None


async def is_out(browser: httpx.AsyncClient, desk: str) -> bool:
    """Say whether nobody is signed in there."""
    return await name_shown(browser, desk) is None


async def story(keycloak: Keycloak, port: int, desk: str) -> None:
    """An agent's first sign-in, another unit, the way out by both, and the day that she leaves."""
    async with open_http() as http:
        client = a_client(keycloak.issuer, desk, SECRET, scope="openid profile email", label="Keycloak", strong=())
        hall = TownHall(clock=SystemClock().now, client=client, provider_http=http)  # type: ignore[arg-type]
        await lay_units_and_mappings(hall.staff)
        await a_busy_morning(hall)
        async with served(hall.web(), port), a_browser() as first, a_browser() as second, a_browser() as third:
            answer = await sign_in(first, desk)
            assert "Vous êtes connecté" in answer.text, answer.text
            assert await name_shown(first, desk) == "Léa Vasseur"
            say("first sign-in: user info as a signed token, an agent of the streets")
            await keycloak.change(organizational_unit="État civil")
            await sign_in(second, desk)
            assert await is_out(first, desk)
            assert await name_shown(second, desk) == "Léa Vasseur"
            say("another unit: the session of before ended, the new one stands")
            await keycloak.change(organizational_unit="Piscine")
            refused = await sign_in(third, desk)
            assert refused.status_code == 403
            assert "Piscine" in refused.text
            say("a unit without a mapping: refused, told whom to tell")
            await keycloak.dismiss()
            await until(partial(is_out, second, desk), "Keycloak tells the desk that she left")
            say("she left: Keycloak told the desk, and her session ended")


def a_browser() -> httpx.AsyncClient:
    """Return a browser that follows where it is led. As others do, it takes this machine for a safe place."""

    async def keep(answer: httpx.Response) -> None:
        for cookie in answer.cookies.jar:
            browser.cookies.delete(cookie.name, cookie.domain, cookie.path)
            browser.cookies.set(cookie.name, cookie.value or "", cookie.domain, cookie.path)

    hooks = {"response": [keep]}
    browser = httpx.AsyncClient(trust_env=False, timeout=60, follow_redirects=True, event_hooks=hooks)
    return browser


def say(what: str) -> None:
    """Say what was seen."""
    sys.stdout.write(f"  {what}\n")
    sys.stdout.flush()


def main() -> None:
    """Fetch, run, and let Léa sign in."""
    home, began = fetch(), time.monotonic()
    [port] = free_ports(1)
    desk = f"http://{HOST}:{port}"
    with tempfile.TemporaryDirectory() as folder, running_keycloak(home, Path(folder), desk) as keycloak:
        say(f"Keycloak answers after {time.monotonic() - began:.0f} s")
        asyncio.run(story(keycloak, port, desk))
    say(f"all of it in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
