"""One case at the desk, and the pages to which its « Délais » lead, in an agent's browser and without a mouse."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

from playwright.async_api import Locator, Page, expect

from guichet_testing.until import until

CONTENT: Final = "#contenu"
_MARK: Final = "shown => { shown.dataset.before = 'yes'; }"
_NEW: Final = f"{CONTENT}:not([data-before])"


@dataclass(frozen=True)
class DelaysInBrowser:
    """desk: a page on which somebody is signed in. reference: of a case that they may answer."""

    desk: Page
    reference: str

    async def open(self, place: str = "") -> None:
        """Open a page of the case. place: such as "pieces"; a blank: its own."""
        base = self.desk.url.partition("/demandes")[0]
        await self.desk.goto(f"{base}/demandes/{self.reference}{'/' * bool(place)}{place}")

    async def press(self, what: str, role: str = "button") -> None:
        """Press what leads to another page, and wait until that is there."""
        await self.desk.locator(CONTENT).evaluate(_MARK)
        await self._named(what, role).press("Enter")
        await self.desk.locator(_NEW).wait_for()
        await self.desk.wait_for_load_state()

    async def follow(self, link: str) -> None:
        """Follow a link to another page, and wait until that is there."""
        await self.press(link, "link")

    async def fill(self, **fields: str) -> None:
        """Write into fields, by their ids."""
        for name, words in fields.items():
            await self.desk.locator(f"#{name}").fill(words)

    async def tick(self, label: str) -> None:
        """Tick a box, or choose one of several, by what stands beside it."""
        box = self.desk.get_by_label(label)
        await box.press("Space")
        await expect(box).to_be_checked()

    async def download(self, what: str, role: str = "button") -> bytes:
        """Press what gives a file, and return that."""
        async with self.desk.expect_download() as coming:
            await self._named(what, role).press("Enter")
        return await asyncio.to_thread((await (await coming.value).path()).read_bytes)

    async def says(self, *words: str) -> bool:
        """Whether the page that is there says all of these."""
        said = (await self.desk.locator(CONTENT).inner_text()).replace("\u00a0", " ")
        return all(each in said for each in words)

    async def until_says(self, place: str, *words: str) -> None:
        """Open a page of the case, again and again, until it says all of these. Raises TimeoutError."""
        await until(partial(self._opened_says, place, *words), f"{place or self.reference} says {words}")

    async def _opened_says(self, place: str, *words: str) -> bool:
        await self.open(place)
        return await self.says(*words)

    def _named(self, what: str, role: str) -> Locator:
        scope = self.desk.locator(CONTENT)
        return scope.get_by_role("link" if role == "link" else "button", name=what, exact=True)
