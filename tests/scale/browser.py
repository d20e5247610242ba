"""An agent in a real Chromium, timed in the page: from the key or click to the frame that shows what came of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Page

from guichet_local.stack import LocalStack
from guichet_testing.real.chromium import open_chromium
from guichet_testing.town.desk_client import password_of

# A page comes in the place of the one before it, or is one of its own: then the moment of the act outlives the page where
# it was done. What is posted in a frame is carried out once that frame was drawn.
_CLOCK: Final = """
const now = () => performance.timeOrigin + performance.now();
const begin = () => {
  window.scaleTook = undefined;
  sessionStorage.setItem("scale-began", String(now()));
};
const drawn = new MessageChannel();
drawn.port1.onmessage = () => {
  const began = Number(sessionStorage.getItem("scale-began") ?? performance.timeOrigin);
  sessionStorage.removeItem("scale-began");
  window.scaleTook = now() - began;
};
const end = () => requestAnimationFrame(() => drawn.port2.postMessage(""));
addEventListener("submit", begin, true);
addEventListener("popstate", begin, true);
addEventListener("click", (event) => event.target.closest("a") && begin(), true);
document.addEventListener("DOMContentLoaded", end);
document.addEventListener("desk:shown", end);
"""
_TOOK: Final = "() => window.scaleTook"
_LINK: Final = """(path) => {
  const link = Object.assign(document.createElement("a"), { href: path, id: "scale-link", textContent: path });
  document.getElementById("contenu").prepend(link);
}"""  # no page has links to all lists
_WIDE: Final = {"width": 1440, "height": 900}


class TimedBrowser:
    """A page of the desk."""

    def __init__(self, page: Page, desk: str) -> None:
        self._page, self._desk = page, desk

    async def search(self, typed: str) -> float:
        """Search by the field in the header; return ms."""
        await self._page.locator("#recherche").fill(typed)
        await self._page.locator("#recherche").press("Enter")
        return await self._took()

    async def open_first(self) -> float | None:
        """Open the first hit, and go back; None where nothing was found."""
        hit = self._page.locator(".hits h2 a").first
        if not await hit.count():
            return None
        await hit.click()
        took = await self._took()
        await self._page.go_back()
        await self._took()
        return took

    async def read(self, path: str) -> float:
        """Follow a link to a list; return ms."""
        await self._page.evaluate(_LINK, path)
        await self._page.locator("#scale-link").click()
        return await self._took()

    async def _took(self) -> float:
        found = await self._page.wait_for_function(_TOOK)
        return float(await found.json_value())


@asynccontextmanager
async def timed_browser(stack: LocalStack, agent: str, chromium: str) -> AsyncIterator[TimedBrowser]:
    """Sign in and give the page."""
    desk = stack.addresses["agent-desk"]
    async with open_chromium(chromium) as browser:
        page = await browser.new_page(locale="fr-FR", viewport=_WIDE)
        await page.add_init_script(_CLOCK)
        await page.goto(f"{desk}/")
        await page.get_by_label("Nom de connexion").fill(agent)
        await page.get_by_label("Mot de passe").fill(password_of(stack, agent))
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/demandes*")
        yield TimedBrowser(page, desk)
