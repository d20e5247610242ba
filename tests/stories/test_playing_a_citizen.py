"""Somebody plays a citizen on the sandbox's page, as one who tries Guichet out does: by telephone, chat and mail."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from guichet_testing.doors.desk_lines import reference_in

REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
pytestmark = [pytest.mark.story, pytest.mark.real]


@pytest.fixture
async def playground(sandbox, new_page, guichet) -> Page:
    """The page on which one plays Amina, seen as of now: nothing reloads it."""
    page = await new_page()
    await page.goto(f"{guichet.addresses['citizen-sandbox']}/jouer/amina-benali")
    await page.evaluate("window.untouched = true")
    return page


async def same_reference(row: Locator, receipt: Locator) -> None:
    """Assert that a case on the desk and a receipt on the sandbox's page tell of the same."""
    await expect(row).to_contain_text("Amina Benali")
    await expect(receipt).to_contain_text(await reference_in(row))


async def test_what_is_written_on_the_page_reaches_the_desk_and_each_receipt_comes_back_live(playground, sign_in):
    desk = await sign_in("karim.haddad")

    await playground.locator("#sms-text").fill("/nouvelle Un nid-de-poule devant la poste")
    await playground.locator("#sms-text").press("Control+Enter")
    await expect(playground.locator("#phone .bubble.sent")).to_contain_text("Remis à la mairie")
    by_phone = desk.get_by_role("row").filter(has_text="Un nid-de-poule devant la poste")
    await same_reference(by_phone, playground.locator("#phone .bubble.received").filter(has_text=REFERENCE))
    await expect(desk.get_by_text("/nouvelle")).to_have_count(0)

    await playground.locator("#chat-text").fill("Le feu tricolore de la gare clignote")
    await playground.locator("#chat-text").press("Control+Enter")
    await expect(playground.locator("#chat .bubble.sent")).to_contain_text("Remis à la mairie")
    by_chat = desk.get_by_role("row").filter(has_text="Le feu tricolore de la gare")
    await same_reference(by_chat, playground.locator("#chat .bubble.received").filter(has_text=REFERENCE))

    await playground.get_by_text("Écrire un courriel").click()
    await playground.locator("#mail-subject").fill("Trottoir affaissé rue Haute")
    await playground.locator("#mail-text").fill("Le trottoir s’affaisse devant le 3.")
    photo = {"name": "trottoir.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n photo"}
    await playground.locator("#mail-files").set_input_files(photo)
    await playground.locator("#write-mail button").click()
    by_mail = desk.get_by_role("row").filter(has_text="Trottoir affaissé rue Haute")
    await same_reference(by_mail, playground.locator("#mail .letter.received"))

    assert await playground.evaluate("window.untouched")
    await by_mail.get_by_role("link").first.click()
    await expect(desk.get_by_text("Le trottoir s’affaisse devant le 3.")).to_be_visible()
    await expect(desk.get_by_role("link", name="trottoir.png")).to_be_visible()
