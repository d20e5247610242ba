"""An agent at the desk in a real browser, by keyboard alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect

from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.real.pages import address_of, problems_of, served

SIZES: Final = {"desk": (1280, 860), "phone": (360, 780), "zoomed": (640, 430)}
"""Of windows, in pixels. zoomed: 1280 pixels at 200 %."""
NARROWEST: Final = "phone"
"""In which a test walks through pages that it looks at in every size: what is to be reached here is so anywhere."""


async def sign_in(page: Page, name: str) -> None:
    """Sign somebody in, as an agent types: the first field is theirs by itself."""
    await page.goto("/connexion")
    await expect(page.locator("#name")).to_be_focused()
    for typed, then in ((name, "Tab"), (PASSWORD, "Enter")):
        await page.keyboard.type(typed)
        await page.keyboard.press(then)
    await page.wait_for_url("**/demandes")


async def open_account(page: Page) -> None:
    """Open the menu of what is an agent's own, as one does without a mouse."""
    await page.locator(".who > summary").press("Enter")


async def follow_in_account(page: Page, link: str) -> None:
    """Follow a link of that menu. link: such as « Mot de passe »."""
    await open_account(page)
    await page.locator(".who").get_by_role("link", name=link).press("Enter")


async def sign_out(page: Page) -> None:
    """Sign out by that menu."""
    await open_account(page)
    await page.get_by_role("button", name="Se déconnecter").press("Enter")


@asynccontextmanager
async def signed_in_page(chromium: Browser, web: FastAPI, name: str, size: str) -> AsyncIterator[Page]:
    """Serve a desk, and give a page of it on which somebody is signed in. size: of SIZES.

    Raises AssertionError at its end where the page told of a problem meanwhile.
    """
    width, height = SIZES[size]
    async with served(web) as server:
        page = await chromium.new_page(
            base_url=address_of(server), viewport={"width": width, "height": height}, bypass_csp=True
        )
        problems = problems_of(page)
        await sign_in(page, name)
        yield page
        await page.close()
    assert problems == []
