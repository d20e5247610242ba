"""Somebody at the desk with a keyboard and no mouse: what is pressed is counted, what is shown is waited for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from time import monotonic
from typing import Final

from playwright.async_api import Locator, Page, expect

from tests.agents_day.diary import Step, keystrokes_of

FARTHEST: Final = 150  # Tabs, before something counts as out of reach

_ROWS_AWAY: Final = """row => {
    const rows = [...row.parentElement.children];
    return rows.indexOf(row) - rows.findIndex(each => each.contains(document.activeElement));
}"""


class OutOfReachError(AssertionError):
    """No number of Tabs leads there."""


class Keyboard:
    """Keys on a page. `doing` begins a step; whatever is pressed or written until its end is that step's."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._acts = self._words = 0

    @asynccontextmanager
    async def doing(self, name: str, into: list[Step]) -> AsyncIterator[None]:
        """Count what is done in the block, as one step."""
        self._acts = self._words = 0
        began = monotonic()
        yield
        into.append(Step(name, self._acts, self._words, monotonic() - began))

    async def press(self, *keys: str) -> None:
        """Press these, one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)
            self._acts += keystrokes_of(key)

    async def write(self, words: str) -> None:
        """Write what any desk would ask for."""
        await self.page.keyboard.type(words)
        self._words += len(words)

    async def pick(self, letters: str) -> None:
        """Choose in the list that has the focus by its first letters (none with an accent)."""
        await self.page.keyboard.type(letters)
        self._acts += len(letters)

    async def pick_day(self, day: date) -> None:
        """Choose a day in the field that has the focus: its digits, in the order in which the browser shows them."""
        field = self.page.locator(":focus")
        for digits in (f"{day:%d%m%Y}", f"{day:%m%d%Y}"):
            await self.page.keyboard.type(digits)
            if await field.input_value() == day.isoformat():
                self._acts += len(digits)
                return
            await self.page.keyboard.press("ArrowLeft")
            await self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{day} cannot be typed: {await field.input_value()!r}")

    async def tab_to(self, place: Locator, back: bool = False) -> None:
        """Press Tab, or Shift and Tab, until it has the focus. Raises OutOfReachError."""
        await expect(place).to_be_visible()
        for _ in range(FARTHEST):
            if await place.evaluate("element => element === document.activeElement"):
                return
            await self.press("Shift+Tab" if back else "Tab")
        raise OutOfReachError(f"{FARTHEST} Tabs do not lead to {place}")

    async def to_row(self, words: str) -> None:
        """Go to a row of the list, from the first one downwards."""
        row = row_of(self.page, words)
        await expect(row).to_be_visible()
        await self.press("Home")
        for _ in range(FARTHEST):
            away = await row.evaluate(_ROWS_AWAY)
            if away == 0:
                return
            await self.press("j" if away > 0 else "k")  # a list that comes anew may have put one above
        raise OutOfReachError(f"no row: {words}")

    async def at(self, address: str) -> None:
        """Wait until a page is there, and its keys."""
        await self.page.wait_for_url(address)
        await self.page.locator("html[data-keys]").wait_for(state="attached")


def row_of(page: Page, words: str) -> Locator:
    """Return the row of a list that has these words."""
    return page.locator(".rows tbody tr").filter(has_text=words).first
