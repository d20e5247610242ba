"""The portal in a real browser: written by keyboard, clean for axe, no page wider than a phone.

GUICHET_SCREENSHOTS=folder keeps a picture of each page.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from citizen_portal_testing.counter import Counter
from guichet.contracts.case_events import CaseState

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no Chromium: apt-get install chromium"
)
AXE = (Path(__file__).parents[3] / "tests" / "vendored" / "axe-4.14.1.min.js").read_text()
SIZES = {"desk": (1280, 860), "phone": (360, 740), "zoomed": (640, 430)}  # zoomed: 1280 pixels at 200 %


@pytest.fixture
async def address(counter: Counter) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(counter.web(), port=0, log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def test_a_message_is_written_by_keyboard_without_any_script(chromium: Browser, address: str, counter: Counter):
    context = await chromium.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/")
    await page.locator("#name").focus()
    for words in ("Jeanne Moreau", "jeanne@courriel.example", "", "Lampadaire", "Il clignote."):
        await page.keyboard.type(words)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")  # past the files; the trap is not on the way
    await expect(page.get_by_role("link", name="En savoir plus")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("votre message est enregistré")
    assert len(counter.received) == 1


async def test_mistakes_take_the_focus_and_lead_to_their_fields(chromium: Browser, address: str):
    page = await chromium.new_page(base_url=address)
    await page.goto("/")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("alert").get_by_role("link", name="Écrivez votre message.").click()
    await expect(page.locator("#message")).to_be_focused()


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_is_accessible_and_fits(chromium: Browser, address: str, counter: Counter, size: str):
    width, height = SIZES[size]
    context = await chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        bypass_csp=True,  # axe comes from outside
    )
    page = await context.new_page()
    token = await counter.follow_case(
        "Bonjour Madame,\n\nLe trou est rebouché depuis ce matin.\n\nService voirie",
        state=CaseState.WAITING_FOR_CITIZEN,
    )
    pages = {
        "form": "/", "thanks": "/merci", "follow": f"/suivi/{token}", "privacy": "/confidentialite",
        "accessibility": "/accessibilite", "english": "/?langue=en", "nothing": "/suivi/x?langue=fr",
    }  # fmt: skip
    for name, path in pages.items():
        await page.goto(path)
        await look(page, name, size, width)
    await page.goto("/")
    await page.locator("#name").fill("Jeanne Moreau")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await look(page, "errors", size, width)


async def look(page: Page, name: str, size: str, width: int) -> None:
    if folder := os.environ.get("GUICHET_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"portal-{name}-{size}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {size}"
    await page.evaluate(AXE)
    rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
    found = await page.evaluate(f"axe.run(document, {{runOnly: {rules}}})")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
