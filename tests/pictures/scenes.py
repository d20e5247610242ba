"""The pages that are pictured, each as somebody comes to it."""

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Page, expect

from tests.pictures.demonstration import Demonstration
from tests.pictures.studio import PHONE, Studio

Scene = Callable[[Studio, Demonstration], Awaitable[Page]]
AGENT: Final = "karim.haddad"  # roads and lighting


async def _desk(studio: Studio, town: Demonstration) -> Page:
    page = await studio.opened()
    await page.goto(town.desk)
    await page.get_by_label("Nom de connexion").fill(town.agent)
    await page.get_by_label("Mot de passe").fill(town.password)
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url("**/demandes*")
    return page


async def _a_case(studio: Studio, town: Demonstration) -> Page:
    """One that came by mail and was answered: a message, a receipt and an answer."""
    page = await _desk(studio, town)
    row = page.get_by_role("row").filter(has_text="Courriel").filter(has_text="En cours")
    await row.get_by_role("link").first.click()
    await page.wait_for_url("**/demandes/*-*")
    return page


async def _followed(studio: Studio, town: Demonstration) -> Page:
    """One on which the town's answer can be read: those of discreet departments are not shown."""
    page = await studio.opened(PHONE)
    for address in town.follow_pages:
        await page.goto(address)
        if await page.locator(".answers .words").count():
            return page
    raise AssertionError("No citizen's page that `guichet demo` names shows an answer.")


async def _form(studio: Studio, town: Demonstration) -> Page:
    page = await studio.opened()
    await page.goto(town.portal)
    return page


def _console(*, dark: bool) -> Scene:
    async def scene(studio: Studio, town: Demonstration) -> Page:
        page = await studio.opened(dark=dark)
        await page.goto(town.console)
        await expect(page.locator(".topics")).to_be_visible()
        await expect(page.locator(".totals .wrong")).to_have_count(0)  # a machine that is busy may answer late
        return page

    return scene


SCENES: Final[dict[str, Scene]] = {
    "desk-cases": _desk,
    "desk-case": _a_case,
    "follow-page": _followed,
    "form": _form,
    "console": _console(dark=False),
    "console-dark": _console(dark=True),
}
