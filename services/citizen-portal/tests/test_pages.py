"""Words, headers and notices of every page."""

from dataclasses import replace

import pytest

from citizen_portal.entry.pages import HERE
from guichet.web.templates import Templates

PAGES = ["/", "/merci", "/confidentialite", "/accessibilite", "/nulle-part"]


def test_every_word_is_translated(counter):
    assert Templates(HERE, town=counter.town).untranslated() == set()


def test_no_page_holds_a_script_a_style_or_another_host():
    for path in (HERE / "templates").glob("*.html"):
        text = path.read_text()
        assert "<script" not in text
        assert "style=" not in text
        assert "http" not in text


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_keeps_to_itself(browser, path):
    headers = (await browser.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", PAGES)
async def test_french_first_and_english_when_asked(browser, path):
    assert '<html lang="fr">' in (await browser.get(path)).text
    assert '<html lang="en">' in (await browser.get(f"{path}?langue=en")).text
    assert '<html lang="en">' in (await browser.get(path)).text


async def test_the_notice_is_the_towns_own(browser, counter):
    page = (await browser.get("/confidentialite")).text
    assert counter.town.privacy_notice.title in page
    assert "CNIL" in page


async def test_the_accessibility_statement_names_status_contact_and_remedy(browser, counter):
    page = (await browser.get("/accessibilite")).text
    for words in ("non conforme", counter.town.main_mailbox, "Défenseur des droits"):
        assert words in page
    assert "Accessibilité\xa0: non conforme" in (await browser.get("/")).text


async def test_the_privacy_notice_names_who_processes_data_on_the_channels_that_are_on(browser, counter):
    page = (await browser.get("/confidentialite")).text
    assert "<li>Twilio (SMS, WhatsApp)</li>" in page
    assert "<li>Telegram</li>" in page
    alone = replace(counter.town, channels={"email": counter.town.channels["email"]})
    assert alone.processors == {}
    assert "prestataires passent" not in Templates(HERE, town=alone).render("privacy.html")
