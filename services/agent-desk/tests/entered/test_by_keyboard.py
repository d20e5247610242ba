"""A call is taken down without a mouse, in a real browser."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from guichet.contracts.topics import INBOUND_DESK
from guichet_testing.doors.desk_in_browser import SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail, phone
from guichet_testing.doors.searched_hall import searched
from guichet_testing.real.pages import assert_clean, assert_clean_at


@pytest.fixture
async def page(chromium: Browser, hall: TownHall) -> AsyncIterator[Page]:
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "phone") as page:
        yield page


async def test_two_keys_answer_on_the_spot_and_a_letter_typed_in_a_field_is_a_letter(page: Page, hall: TownHall):
    await page.goto("/saisie")
    await expect(page.locator("#way")).to_be_focused()
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
    await page.wait_for_url("**/saisie")  # and its script
    await page.locator("#name").fill("Marek Kowalski")
    await page.locator("#subject").fill("Branche tombée")
    await page.locator("#text").fill("Sur le trottoir.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text("Demande enregistrée")
    assert [each.on_the_spot for each in hall.publisher.on(INBOUND_DESK)] == [True, False]


async def test_a_person_who_is_known_is_chosen_by_the_arrows_and_the_call_goes_on(
    page: Page, hall: TownHall, tmp_path: Path
) -> None:
    number = phone("+33639987654")
    citizen = await hall.register("Irène Kessler", number, mail("irene.kessler@courriel.example"))
    known = {"citizen": citizen, "sender": (number,), "called": "Irène Kessler"}
    await hall.open_case("pipe", subject="Conduite percée rue des Forges", **known)
    async with searched(hall, tmp_path):
        await page.goto("/saisie")
        await page.locator("#address").press_sequentially("06 39 98 76 54")
        await expect(page.locator("#personnes-dites")).to_have_text("1 personne connue")
        await assert_clean_at(page, "saisie-personnes", SIZES)
        await page.keyboard.press("ArrowDown")
        await expect(page.locator(".person")).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("#name")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator("#subject")).to_be_focused()
        await expect(page.locator("#name")).to_have_value("Irène Kessler")
        await assert_clean_at(page, "saisie-personne-choisie", SIZES)
        await page.keyboard.type("Conduite percée")
        await page.locator("#text").fill("Cela coule encore.")
        await page.get_by_role("button", name="Ajouter à cette demande").press("Enter")
        await expect(page.get_by_role("textbox", name="Pour vos collègues")).to_have_value(
            re.compile("Irène Kessler.*Cela coule encore", re.DOTALL)
        )
