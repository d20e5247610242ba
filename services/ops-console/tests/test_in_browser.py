"""The board in a real browser: live without reloading, honest when it is not, clean for axe, no wider than a phone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect

from guichet.runtime.overview import AlarmStanding
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.overviews import LAG, a_busy_overview, an_overview
from guichet_testing.real.pages import FIRST_VIEW_BYTES, address_of, assert_clean_at, problems_of, served, weight_of
from ops_console.entry.pages import build_pages, build_templates
from ops_console.handlers.board import Board
from ops_console.handlers.read_handbook import read_handbook

REPOSITORY = Path(__file__).parents[3]
SIZES = {"desk": (1440, 900), "phone": (390, 844), "zoomed": (640, 430)}  # zoomed: 1280 pixels at 200 %


@dataclass
class Served:
    """A served console whose board the test fills."""

    board: Board
    address: str
    server: uvicorn.Server


@pytest.fixture
async def console() -> AsyncIterator[Served]:
    board = Board()
    handbook = read_handbook(REPOSITORY / "docs" / "operations.md")
    web = build_pages(board, build_templates("Saint-Aubin-des-Prés", FACTS), handbook, hosts=["127.0.0.1"])
    async with served(web) as server:
        yield Served(board, address_of(server), server)


@pytest.fixture
async def page(chromium: Browser, console: Served) -> AsyncIterator[Page]:
    page = await chromium.new_page(base_url=console.address)
    problems = problems_of(page)
    yield page
    assert problems == []


async def test_an_alarm_appears_and_goes_without_a_reload(page: Page, console: Served) -> None:
    await console.board.put(an_overview())
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tout va bien")
    await page.evaluate("window.untouched = true")
    await console.board.put(an_overview(LAG))
    await expect(page.get_by_role("heading", level=1)).to_have_text("1 alerte")
    await expect(page).to_have_title("1 alerte · Guichet, Saint-Aubin-des-Prés")
    await expect(page.get_by_role("status")).to_have_text("1 alerte")
    await console.board.put(an_overview())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tout va bien")
    assert await page.evaluate("window.untouched")


async def test_an_update_leaves_the_keyboard_where_it_is_and_open_what_was_opened(page: Page, console: Served) -> None:
    over = AlarmStanding(**{**LAG.model_dump(), "cleared_at": LAG.since})
    await console.board.put(an_overview(LAG, cleared=(over,)))
    await page.goto("/")
    await page.locator("summary").click()
    await page.locator(".remedy a").focus()
    await console.board.put(a_busy_overview(LAG, cleared=(over,)))
    await expect(page.locator(".totals")).to_contain_text("7/9")
    await expect(page.locator(".remedy a")).to_be_focused()
    await expect(page.locator("details")).to_have_attribute("open", "")


async def test_the_entry_opens_at_its_heading(page: Page, console: Served) -> None:
    await console.board.put(an_overview(LAG))
    await page.goto("/")
    await page.locator(".remedy a").click()
    await expect(page.locator(":target")).to_have_text("Alerte lag")
    await expect(page.locator(":target")).to_be_in_viewport()


async def test_a_console_that_is_gone_is_not_taken_for_a_calm_one(page: Page, console: Served) -> None:
    await console.board.put(an_overview())
    await page.goto("/")
    await expect(page.locator("#perdu")).to_be_hidden()
    console.server.should_exit = True
    await expect(page.locator("#perdu")).to_be_visible()


async def test_without_a_script_the_page_is_whole_and_reloads_itself(chromium: Browser, console: Served) -> None:
    await console.board.put(an_overview(LAG))
    context = await chromium.new_context(java_script_enabled=False, base_url=console.address)
    page = await context.new_page()
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("1 alerte")
    await console.board.put(an_overview())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tout va bien")
    await context.close()


async def test_pages_are_clean_for_axe_and_fit(chromium: Browser, console: Served) -> None:
    await console.board.put(a_busy_overview(LAG))
    page = await chromium.new_page(base_url=console.address, bypass_csp=True)  # axe comes from outside
    for name, path in {"board": "/", "english": "/?langue=en", "handbook": "/consignes"}.items():
        await page.goto(path)
        await assert_clean_at(page, f"ops-console-{name}", SIZES)
    assert sum((weight := await weight_of(page, "/")).values()) <= FIRST_VIEW_BYTES, weight
    await page.close()
