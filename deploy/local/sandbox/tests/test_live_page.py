"""The page in a real browser: what comes in shows without reloading, by keyboard too."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from guichet_testing.doors.sandbox import Running, Town
from guichet_testing.town.sandbox_client import SandboxClient

MAIL = b"From: contact@mairie.example\r\nSubject: Bien re\xc3\xa7u\r\nMessage-ID: <r@m.example>\r\n\r\nBonjour"


@pytest.fixture
async def page(chromium: Browser, sandbox: Running, citizens: SandboxClient) -> AsyncIterator[Page]:
    page = await chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(f"{sandbox.url}/jouer/amina-benali")
    yield page
    await page.close()
    assert problems == []


async def test_a_message_is_written_by_keyboard_and_shows_at_once(page: Page, town: Town) -> None:
    await page.locator("#sms-text").press_sequentially("Bonjour")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#phone .bubble.sent")).to_contain_text("Bonjour")
    await expect(page.locator("#phone .bubble.sent")).to_contain_text("Remis à la mairie")
    await expect(page.locator("#sms-text")).to_have_value("")
    assert town.requests[0].form["Body"] == "Bonjour"


async def test_a_mail_with_a_file_is_sent_without_leaving_the_page(page: Page, town: Town) -> None:
    await page.get_by_text("Écrire un courriel").click()
    await page.locator("#mail-subject").fill("Un trou")
    await page.locator("#mail-text").fill("Voici")
    trou = {"name": "trou.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8"}
    await page.locator("#mail-files").set_input_files(trou)
    await page.locator("#write-mail button").click()
    await expect(page.locator("#mail .letter.sent")).to_contain_text("Un trou")
    assert b"trou.jpg" in town.mails[0][1]


async def test_a_mail_that_is_being_read_stays_open_when_another_comes(page: Page, sandbox: Running) -> None:
    await sandbox.take_mail(MAIL)
    await page.locator("#mail .letter summary").first.click()
    await sandbox.take_mail(MAIL)
    await expect(page.locator("#mail .letter")).to_have_count(2)
    await expect(page.locator("#mail > .letter > details[open]")).to_have_count(1)


async def test_a_mail_is_answered_from_the_page(page: Page, sandbox: Running, town: Town) -> None:
    await sandbox.take_mail(MAIL)
    await page.locator("#mail .letter summary").first.click()
    await page.get_by_role("link", name="Répondre").click()
    await page.locator("#mail-text").fill("Merci !")
    await page.locator("#write-mail button").click()
    await expect(page.locator("#mail .letter.sent")).to_contain_text("Re: Bien reçu")
    assert b"In-Reply-To: <r@m.example>" in town.mails[0][1]
