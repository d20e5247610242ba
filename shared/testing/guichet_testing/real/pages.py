"""Pages in a real browser: serve them, hold them against axe and the width of the screen.

The browser is the fixture `chromium` (guichet_testing.real.plugin).
GUICHET_SCREENSHOTS=folder keeps a picture of each page that is looked at.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal

import uvicorn
from fastapi import FastAPI
from playwright.async_api import ConsoleMessage, Page

_AXE = Path(__file__).parents[4] / "tests" / "vendored" / "axe-4.14.1.min.js"
_OPTIONS: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # to tell of all that is right as well takes half of the time
    "preload": False,  # no page has a style sheet or a film of another origin
}
AT_NIGHT: Final = "zoomed"
"""The size of window at which a page is looked at as it is in the dark: its name is the end of the page's."""
_NOT_DRAWN: Final = """
    [...document.querySelectorAll("use")]
        .map(each => each.getAttribute("href"))
        .filter(id => !document.querySelector(id))
"""
_SHARED: Final = """
    [...document.querySelectorAll("[id]")].map(each => each.id).filter((id, nth, all) => all.indexOf(id) !== nth)
"""
_WEIGHED: Final = """
    () => document.fonts.ready.then(() =>
        ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
            .map(each => [new URL(each.name).pathname, each.encodedBodySize]))
"""
_FIND_FAULT: Final = "async options => (await axe.run(document, options)).violations"


@asynccontextmanager
async def served(web: FastAPI, port: int = 0) -> AsyncIterator[uvicorn.Server]:
    """Serve `web` on a port, 0: any free one (`address_of`); `should_exit` stops it early."""
    server = uvicorn.Server(uvicorn.Config(web, port=port, log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.02)
    yield server
    server.should_exit = True
    await task


def address_of(server: uvicorn.Server) -> str:
    """Return the base address of a server that runs."""
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


def problems_of(page: Page) -> list[str]:
    """Return a list that fills with the page's script errors and its breaches of the content security policy."""
    problems: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", hear)
    return problems


FIRST_VIEW_BYTES: Final = 100_000
"""What a browser that has nothing yet may be sent for a page: it, scripts, style sheets, typeface and pictures."""


async def weight_of(page: Page, address: str) -> dict[str, int]:
    """Return how many bytes a browser that keeps nothing is sent for a page, compressed, by file; no headers.

    What the page is told live later on is not among them.
    """
    await page.goto(address)
    return dict(await page.evaluate(_WEIGHED))


async def keep_picture(page: Page, name: str) -> None:
    """Keep a picture if somebody wants to see them."""
    if folder := os.environ.get("GUICHET_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def assert_clean(page: Page, name: str) -> None:
    """Fail if there is something against the page (`faults_of`), by day; in the dark where its name says so."""
    scheme: Literal["dark", "light"] = "dark" if name.endswith(AT_NIGHT) else "light"
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way to another is no fault
    await page.wait_for_load_state()  # whoever has just followed a link may see a page without a document
    await keep_picture(page, name)
    assert await faults_of(page) == [], name


async def faults_of(page: Page) -> list[str]:
    """Return what is against a page: it is wider than its screen, gives an id twice, or axe finds fault with it.

    The page bypasses CSP: axe is injected.
    """
    size = page.viewport_size
    assert size is not None
    faults = []
    if (wide := await page.evaluate("document.documentElement.scrollWidth")) > size["width"]:
        faults.append(f"too wide: {wide} pixels of {size['width']}")
    faults += [f"not on the page, and drawn: {each}" for each in await page.evaluate(_NOT_DRAWN)]
    faults += [f"an id twice: {each}" for each in await page.evaluate(_SHARED)]
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text())
    found = await page.evaluate(_FIND_FAULT, _OPTIONS)
    return faults + [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


async def assert_clean_at(page: Page, name: str, sizes: Mapping[str, tuple[int, int]]) -> None:
    """Fail if a page is not clean in a window of each of these sizes (width and height in pixels); leave it as it was.

    A page that is loaded anew for each size costs the browser three times as much: axe is slow only at its first look.
    """
    before = page.viewport_size
    assert before is not None
    for size, (width, height) in sizes.items():
        await page.set_viewport_size({"width": width, "height": height})
        await assert_clean(page, f"{name}-{size}")
    await page.set_viewport_size(before)
