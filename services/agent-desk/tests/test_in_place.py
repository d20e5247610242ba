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
STREAMS = """
window.streams = [];
window.EventSource = class extends EventSource { constructor(...all) { super(...all); window.streams.push(this); } };
"""
OPEN_STREAMS = "() => window.streams.filter(each => each.readyState !== EventSource.CLOSED).map(each => each.url)"
OPENED_ANEW = "() => window.opened === undefined"
TOWN = "Guichet, Saint-Aubin-des-Prés"


@pytest.fixture
async def page(chromium: Browser, hall: TownHall, cases: Cases, tmp_path: Path) -> AsyncIterator[Page]:
    async with (
        searched(hall, tmp_path / "search"),
        signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page,
    ):
        await page.add_init_script(STREAMS)
        await page.goto("/demandes")
        await page.evaluate("window.opened = 'once'")
        yield page


FOUND = "1 demande trouvée · Recherche"  # a title is said aloud: what became of a search comes first


async def shown(page: Page, title: str) -> None:
    """Wait for a page by its title; it has the focus, is said, and the document is the one that was opened."""
    await expect(page).to_have_title(f"{title} · {TOWN}")
    await expect(page.locator("#contenu")).to_be_focused()
    await expect(page.locator("body > [role=status]")).to_have_text(f"{title} · {TOWN}")
    await expect(page.locator("[aria-busy]")).to_have_count(0)  # the list beside a case comes after it
    assert await page.evaluate("window.opened") == "once"


async def search(page: Page, typed: str) -> None:
    await page.locator("#recherche").fill(typed)
    await page.locator("#recherche").press("Enter")


async def test_a_list_a_search_and_a_case_are_one_document_and_back_leads_back(page: Page, cases: Cases):
    hole = cases["hole"]
    await page.locator("input[name=case]").first.check()
    await search(page, "trou")
    await shown(page, FOUND)
    found = page.url
    assert re.search(r"/recherche\?q=[\w-]{40,}$", found)
    assert await page.locator("#recherche").input_value() == "trou"
    await page.locator("input[name=case]").first.check()
    await expect(page.locator("#ensemble .ticked")).to_contain_text("1")
    await page.locator(".hits h2 a").first.click()
    await shown(page, hole.reference)
    assert page.url.endswith(f"/demandes/{hole.reference}")
    mine = page.locator("body.panes .beside .rows [aria-current]")
    assert await mine.get_attribute("href") == f"/demandes/{hole.reference}"
    await page.wait_for_function(f"({OPEN_STREAMS})().length === 2")  # of the case, and of the list beside it
    await page.go_back()
    await shown(page, FOUND)
    assert page.url == found
    await page.go_back()
    await shown(page, "Demandes")
    assert await page.locator("body.panes").count() == 0
    assert await page.locator("input[name=case]:checked").count() == 0, "what was ticked is not acted on unseen"
    assert len(await page.evaluate(OPEN_STREAMS)) == 1
    await page.go_forward()
    await shown(page, FOUND)
    await search(page, "lampadaire")
    await expect(page.locator(".heading strong")).to_have_text("lampadaire")
    await shown(page, FOUND)
    await search(page, "patinoire")
    await shown(page, "Rien trouvé · Recherche")
    assert await page.evaluate(OPEN_STREAMS) == []
    assert await page.evaluate("sessionStorage['htmx-history-cache']") is None, "nothing that was read is kept"


async def test_a_list_beside_stays_with_its_cases(page: Page, cases: Cases):
    hole, lamp = (page.locator(f".beside #a-{cases[each].reference}") for each in ("hole", "lamp"))
    await page.goto("/demandes?vue=non-attribuees")
    await page.evaluate("window.opened = 'once'")
    await page.locator(f"#a-{cases['hole'].reference}").click()
    await expect(hole).to_have_attribute("aria-current", "true")
    await hole.evaluate("row => { row.kept = 'yes'; }")
    await lamp.click()
    await shown(page, cases["lamp"].reference)
    await page.go_back()
    await shown(page, cases["hole"].reference)
    await expect(hole).to_have_attribute("aria-current", "true")
    assert await hole.evaluate("row => row.kept") == "yes", "the same list, and not one that was made again"
    assert page.url.endswith("?vue=non-attribuees")
    await page.locator("form[action$=reponse]").evaluate("form => { form.noValidate = true; form.submit(); }")
    await expect(page.locator("#text-wrong")).to_be_visible()
    await expect(hole).to_have_attribute("aria-current", "true")  # under the form's address, too


async def test_what_was_typed_last_is_kept_when_its_page_goes(page: Page, cases: Cases):
    hole, lamp = cases["hole"].reference, cases["lamp"].reference
    await page.goto(f"/demandes/{hole}")
    await page.locator("#text").press_sequentially("Bonjour")
    await page.evaluate("import(document.querySelector('meta[name=keys]').content.split(' ')[2])")  # at the first key
    await page.locator("#text").press_sequentially(" Madame")
    await page.locator(f"#a-{lamp}").click()
    await expect(page.locator(".case-head .reference")).to_have_text(lamp)
    await page.locator(f"#a-{hole}").click()
    await expect(page.locator("#text")).to_have_value("Bonjour Madame")


async def test_a_search_that_is_corrected_meanwhile_is_typed_on(page: Page):
    """What was asked for comes; the next letter would be a key there, and begin what nobody means."""

    async def late(route: Route) -> None:
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.type("e")
        await route.continue_()

    await page.route("**/recherche", late)
    await search(page, "trou")
    await expect(page).to_have_title(f"{FOUND} · {TOWN}")
    await page.keyboard.type("n")
    await expect(page.locator("#recherche")).to_have_value("troenu")


async def test_a_search_that_is_begun_before_a_case_is_there_is_typed_on(page: Page, cases: Cases):
    hole = cases["hole"].reference

    async def late(route: Route) -> None:
        await page.keyboard.press("/")
        await route.continue_()

    await page.route(f"**/demandes/{hole}", late)
    await page.locator(f"#a-{hole}").click()
    await expect(page).to_have_title(f"{hole} · {TOWN}")
    await expect(page.locator("#recherche")).to_be_focused()


async def test_where_one_was_is_where_one_comes_back(page: Page, cases: Cases):
    await page.set_viewport_size({"width": 640, "height": 300})
    await page.evaluate("scrollTo(0, 200)")
    await page.locator(f"#a-{cases['hole'].reference}").evaluate("link => link.click()")
    await shown(page, cases["hole"].reference)
    assert await page.evaluate("scrollY") != 200
    await page.go_back()
    await shown(page, "Demandes")
    assert await page.evaluate("scrollY") == 200


async def test_what_is_asked_for_last_is_shown(page: Page, cases: Cases):
    hole, lamp = cases["hole"].reference, cases["lamp"].reference

    async def late(route: Route) -> None:
        await page.locator(f"#a-{lamp}").click()
        await shown(page, lamp)
        await route.abort()

    await page.route(f"**/demandes/{hole}", late)
    await page.locator(f"#a-{hole}").click()
    await shown(page, lamp)
    assert page.url.endswith(lamp)
    await page.locator("#recherche").focus()
    await page.locator(f"#a-{lamp}").click(modifiers=["Control"])
    assert page.url.endswith(lamp), "into a tab of its own"


async def test_what_cannot_be_shown_in_place_the_browser_opens_itself(page: Page, cases: Cases):
    async def out_of_order(route: Route) -> None:
        await route.fulfill(status=503, content_type="text/html", body="<h1>En panne</h1>")

    hole = cases["hole"].reference
    await page.locator("script[data-version]").evaluate("script => (script.dataset.version = 'of the last release')")
    await page.locator(f"#a-{hole}").click()
    await expect(page.locator(".case-head .reference")).to_have_text(hole)
    await page.wait_for_function(OPENED_ANEW)
    await page.evaluate("window.opened = 'once'")
    await page.route("**/demandes", out_of_order)
    await page.locator("a.brand").click()
    await expect(page.locator("h1")).to_have_text("En panne")
    await page.unroute_all()
    await page.goto("/demandes")
    await page.evaluate("window.opened = 'once'")
    await page.context.clear_cookies()
    await search(page, "trou")
    await expect(page.locator("h1")).to_have_text("Votre session est terminée")
    await page.wait_for_function(OPENED_ANEW)
