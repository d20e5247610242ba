"""What every story plays on: the whole of Guichet on free ports, the citizens' sandbox, a real browser."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from citizen_sandbox.client import SandboxClient
from guichet_local.stack import LocalStack

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
BROWSER_FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

SignIn = Callable[[str], Awaitable[Page]]


@pytest.fixture(scope="session")
def guichet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Everything, started once for all stories, on ports and data of its own."""
    with LocalStack(tmp_path_factory.mktemp("guichet")) as stack:
        yield stack


@pytest.fixture
async def sandbox(guichet: LocalStack) -> AsyncIterator[SandboxClient]:
    """The citizens. Each story begins with empty phones and mailboxes."""
    async with SandboxClient(guichet.addresses["citizen-sandbox"]) as client:
        await client.reset()
        yield client


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium. In CI a missing one is an error, never a skip."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: `make browser` installs it where it may")
        pytest.skip("no Chromium on this machine: sudo apt-get install chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[Callable[[], Awaitable[Page]]]:
    """Open a page of one's own, in a fresh session."""
    contexts = []

    async def open_page() -> Page:
        contexts.append(await browser.new_context(locale="fr-FR"))
        page = await contexts[-1].new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in contexts:
        await context.close()


@pytest.fixture
def sign_in(guichet: LocalStack, new_page: Callable[[], Awaitable[Page]]) -> SignIn:
    """Sign in at the desk by a town agent's name; return the page with their cases."""

    async def enter(name: str) -> Page:
        page = await new_page()
        await page.goto(f"{guichet.addresses['agent-desk']}/")
        await page.get_by_label("Nom de connexion").fill(name)
        await page.get_by_label("Mot de passe").fill(password_of(name, guichet.folder))
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/demandes*")
        return page

    return enter


def password_of(name: str, folder: Path) -> str:
    """Return the password that the first start wrote down."""
    lines = (folder / "secrets" / "agents.txt").read_text().splitlines()
    found = next(line for line in lines if re.match(rf"{re.escape(name)}\s", line))
    return found.split()[-1]
