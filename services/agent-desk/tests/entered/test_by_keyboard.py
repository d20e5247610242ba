"""A call is taken down without a mouse, in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from guichet.contracts.topics import INBOUND_DESK
from guichet_testing.doors.desk_in_browser import signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean


@pytest.fixture
async def page(chromium: Browser, hall: TownHall) -> AsyncIterator[Page]:
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "phone") as page:
        yield page


async def test_two_keys_answer_on_the_spot_and_a_letter_typed_in_a_field_is_a_letter(page: Page, hall: TownHall):
    await page.goto("/saisie")
    await assert_clean(page, "saisie")
    await page.locator("#name").fill("Irène Kessler")
    await page.locator("#subject").fill("Horaires")
    await page.locator("#text").focus()
    await page.keyboard.type("Horaires de la piscine : oo")
    await page.keyboard.press("Escape")
    await page.keyboard.press("o")
    await expect(page.locator("h1")).to_have_text("Demande enregistrée")
    await expect(page.get_by_role("link", name="Saisir une autre demande")).to_be_focused()
    [message] = hall.publisher.on(INBOUND_DESK)
    assert message.on_the_spot
    await page.keyboard.press("Enter")
    await page.locator("#name").fill("Marek Kowalski")
    await page.locator("#subject").fill("Branche tombée")
    await page.locator("#text").fill("Sur le trottoir.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text("Demande enregistrée")
    assert [each.on_the_spot for each in hall.publisher.on(INBOUND_DESK)] == [True, False]
