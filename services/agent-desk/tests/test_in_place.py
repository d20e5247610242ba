"""Lists, searches and cases come in the place of one another: no new document, and all that a browser gives is there."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from guichet.case.record import CaseRecord
from guichet_testing.doors.desk_in_browser import signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.searched_hall import searched

Cases = dict[str, CaseRecord]
OPENED_ANEW = "() => window.opened === undefined"


@pytest.fixture
async def page(chromium: Browser, hall: TownHall, cases: Cases, tmp_path: Path) -> AsyncIterator[Page]:
    async with (
        searched(hall, tmp_path / "search"),
        signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page,
    ):
        await page.goto("/demandes")
        await page.evaluate("window.opened = 'once'")
        yield page


async def shown(page: Page, title: str) -> None:
    """Wait for a page by its title; it has the focus, and the document is the one that was opened."""
    await expect(page).to_have_title(f"{title} · Guichet, Saint-Aubin-des-Prés")
    await expect(page.locator("#contenu")).to_be_focused()
    assert await page.evaluate("window.opened") == "once"


async def test_a_list_a_search_and_a_case_are_one_document_and_back_leads_back(page: Page, cases: Cases):
    hole = cases["hole"]
    await page.locator("#recherche").fill("trou")
    await page.locator("#recherche").press("Enter")
    await shown(page, "Recherche")
    found = page.url
    assert re.search(r"/recherche\?q=[\w-]{40,}$", found)
    assert await page.locator("#recherche").input_value() == "trou"
    await page.locator(".hits h2 a").first.click()
    await shown(page, hole.reference)
    assert page.url.endswith(f"/demandes/{hole.reference}")
    assert (
        await page.locator("body.panes .beside .rows [aria-current]").get_attribute("href")
        == f"/demandes/{hole.reference}"
    )
    await page.go_back()
    await shown(page, "Recherche")
    assert page.url == found
    await page.go_back()
    await shown(page, "Demandes")
    assert not await page.locator("body.panes").count()
    await page.go_forward()
    await shown(page, "Recherche")


async def test_what_cannot_be_shown_in_place_the_browser_opens_itself(page: Page, cases: Cases):
    async def of_the_next_version(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=(await answer.text()).replace("in-place.js?v=", "in-place.js?v=next"))

    address = f"/demandes/{cases['hole'].reference}"
    await page.route(f"**{address}", of_the_next_version)
    await page.locator(f"#a-{cases['hole'].reference}").click()
    await expect(page.locator(".case-head .reference")).to_have_text(cases["hole"].reference)
    await page.wait_for_function(OPENED_ANEW)
    await page.unroute_all()
    await page.evaluate("window.opened = 'once'")
    await page.context.clear_cookies()
    await page.locator("#recherche").fill("trou")
    await page.locator("#recherche").press("Enter")
    await expect(page.locator("h1")).to_have_text("Votre session est terminée")
    await page.wait_for_function(OPENED_ANEW)
