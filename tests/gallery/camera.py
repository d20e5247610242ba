"""Takes the pictures of an exhibit, each in a window of its own, and notes what axe finds fault with."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser

from guichet_testing.real.pages import faults_of
from tests.gallery.exhibit import Exhibit, Width
from tests.gallery.visit import Visit

NIGHT: Final = "-nuit"
_SETTLED: Final = "() => document.fonts.ready.then(() => [...document.images].every(each => each.complete))"


@dataclass(frozen=True)
class Picture:
    """file: its name in the folder. faults: what axe and the width of the window say against it."""

    exhibit: Exhibit
    width: Width
    file: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Camera:
    """folder: of the pictures."""

    browser: Browser
    folder: Path

    async def take(self, exhibit: Exhibit, width: Width) -> list[Picture]:
        """Play a scene in a window of a width, and picture it, at night too where it is seen so.

        Raises what the scene raises: AssertionError, or Playwright's own.
        """
        async with AsyncExitStack() as stack:
            context = await self.browser.new_context(
                viewport={"width": width.width, "height": width.height},
                locale="fr-FR",
                timezone_id="Europe/Paris",
                reduced_motion="reduce",
                bypass_csp=True,  # axe is injected
            )
            stack.push_async_callback(context.close)
            visit = Visit(context, width.width, stack)
            await exhibit.scene(visit)
            shots: list[tuple[str, Literal["light", "dark"]]] = [("", "light")]
            if exhibit.at_night:
                shots.append((NIGHT, "dark"))
            return [await self._shot(visit, exhibit, width, *each) for each in shots]

    async def _shot(
        self, visit: Visit, exhibit: Exhibit, width: Width, end: str, scheme: Literal["light", "dark"]
    ) -> Picture:
        page, file = visit.page, f"{exhibit.name}-{width.name}{end}.png"
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.wait_for_load_state()
        await page.wait_for_function(_SETTLED)
        await page.screenshot(path=self.folder / file, full_page=True, animations="disabled", caret="hide")
        return Picture(exhibit, width, file, tuple(await faults_of(page)))
