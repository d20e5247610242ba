"""An agent at the desk in a real browser, by keyboard alone."""

from typing import Final

from playwright.async_api import Page, expect

from guichet_testing.doors.desk_on_twins import PASSWORD

SIZES: Final = {"desk": (1280, 860), "phone": (360, 780), "zoomed": (640, 430)}
"""Of windows, in pixels. zoomed: 1280 pixels at 200 %."""


async def sign_in(page: Page, name: str) -> None:
    """Sign somebody in, as an agent types: the first field is theirs by itself."""
    await page.goto("/connexion")
    await expect(page.locator("#name")).to_be_focused()
    for typed, then in ((name, "Tab"), (PASSWORD, "Enter")):
        await page.keyboard.type(typed)
        await page.keyboard.press(then)
    await page.wait_for_url("**/demandes")
