"""The real browser of the tests: the Chromium that this machine has, started without what reaches for the network.

Best its headless shell: the same engine without the windows, tabs and menus that Chromium draws around each page with
pages of its own, unseen. A test that signs in and opens a case costs 0.9 s of CPU with it, and 2.0 s without.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, async_playwright, expect

from guichet_testing.until import PATIENCE_S

# Those that deploy/bootstrap.sh is content with.
NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS: Final = PATIENCE_S * 1000  # as everything that is waited for: a reply may be under way on a busy machine


def find_chromium() -> str | None:
    """Return the path of a browser, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def open_chromium(path: str) -> AsyncIterator[Browser]:
    """Open a browser; assertions about its pages wait as long as PATIENCE_MS for what comes by itself."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()
