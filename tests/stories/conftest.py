"""What every story plays on: the whole of Guichet on free ports, the citizens' sandbox, a real browser."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page

from guichet_local.stack import LocalStack
from guichet_testing.town.desk_client import password_of
from guichet_testing.town.sandbox_client import SandboxClient

SignIn = Callable[[str], Awaitable[Page]]


@pytest.fixture
async def sandbox(guichet: LocalStack) -> AsyncIterator[SandboxClient]:
    """The citizens. Each story begins with empty phones and mailboxes."""
    async with SandboxClient(guichet.addresses["citizen-sandbox"]) as client:
        await client.reset()
        yield client


@pytest.fixture
async def new_page(chromium: Browser) -> AsyncIterator[Callable[[], Awaitable[Page]]]:
    """Open a page of one's own, in a fresh session."""
    contexts = []

    async def open_page() -> Page:
        contexts.append(await chromium.new_context(locale="fr-FR"))
        return await contexts[-1].new_page()

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
        await page.get_by_label("Mot de passe").fill(password_of(guichet, name))
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/demandes*")
        return page

    return enter
