"""Takes pictures of pages that say that everybody on them is invented, and of no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Route

MARK: Final = "p.demonstration"
LARGEST: Final = 150_000  # bytes: a README is read on telephones, too
DESKTOP: Final = (1280, 640)
PHONE: Final = (390, 760)


class NotADemonstrationError(Exception):
    """A page without the mark was to be pictured, or something else than the demonstration was asked."""


@dataclass
class Studio:
    """folder: of the pictures. doors: the addresses that a page may ask; whatever else it asks for ends the session."""

    browser: Browser
    folder: Path
    doors: Sequence[str]

    def __post_init__(self) -> None:
        self.asked_elsewhere: list[str] = []

    async def opened(self, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> Page:
        """Open a page of a session of its own, as French people have it."""
        context: BrowserContext = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        await context.route("**/*", self._let_through)
        return await context.new_page()

    async def take(self, page: Page, name: str) -> None:
        """Keep what the page's window shows. Raises NotADemonstrationError."""
        await page.evaluate("window.scrollTo(0, 0); document.activeElement?.blur()")
        await expect_marked(page)
        picture = await page.screenshot(animations="disabled", caret="hide")
        await expect_marked(page)  # of a page that is live, still
        if self.asked_elsewhere:
            raise NotADemonstrationError(f"{name} asked {self.asked_elsewhere[0]}")
        if len(picture) > LARGEST:
            raise ValueError(f"{name} has {len(picture)} bytes, more than {LARGEST}")
        (self.folder / f"{name}.png").write_bytes(picture)

    async def _let_through(self, route: Route) -> None:
        origins = {urlsplit(each)[:2] for each in self.doors}
        if urlsplit(route.request.url)[:2] in origins:
            await route.continue_()
            return
        self.asked_elsewhere.append(route.request.url)
        await route.abort()


async def expect_marked(page: Page) -> None:
    """Raise NotADemonstrationError unless the page's window shows the mark."""
    mark = page.locator(MARK)
    if await mark.count() == 1 and "monstration" in await mark.inner_text():
        place, size = await mark.bounding_box(), page.viewport_size
        if (
            place is not None
            and size is not None
            and place["y"] >= 0
            and place["y"] + place["height"] <= size["height"]
        ):
            return
    raise NotADemonstrationError(f"{page.url} does not say that it is a demonstration")
