"""Finding cases: half of a name, operators, a list that is kept under a name."""

from typing import Final

from playwright.async_api import expect

from guichet_testing.until import until
from tests.agents_day.day import Day
from tests.agents_day.keyboard import Keyboard, row_of

HALF_A_NAME: Final = "Find a case by half of its writer’s name"
OPERATORS: Final = "Find cases by operators (objet:, de:)"
KEEP_A_VIEW: Final = "Narrow a list and keep it as a view"
OPEN_A_VIEW: Final = "Open the kept view"


async def half_a_name(day: Day, keys: Keyboard) -> None:
    """As somebody spells it on the telephone: its beginning."""
    await _found(keys, "bena", "Lampadaire éteint")
    async with keys.doing(HALF_A_NAME, day.steps):
        await _look_for(keys, "bena")
        await expect(keys.page.locator(".hits > li").filter(has_text="Lampadaire éteint")).to_be_visible()
        await expect(keys.page.locator(".hits mark").filter(has_text="Bena").first).to_be_visible()


async def operators(day: Day, keys: Keyboard) -> None:
    """Only what has the word in its subject, of one writer."""
    async with keys.doing(OPERATORS, day.steps):
        await _look_for(keys, "objet:lampadaire de:amina")
        await expect(keys.page.locator(".hits > li")).to_have_count(1)
        await expect(keys.page.locator(".hits > li")).to_contain_text("Lampadaire éteint")
        await keys.press("j", "Enter")
        await expect(keys.page.locator(".case-head h1")).to_have_text("Lampadaire éteint")


async def keep_a_view(day: Day, keys: Keyboard) -> None:
    """What came by SMS, under a name; and back to it from another list."""
    page = keys.page
    await keys.press("Escape", "g", "t")
    await keys.at("**/demandes")
    async with keys.doing(KEEP_A_VIEW, day.steps):
        await keys.press("f")
        await keys.tab_to(page.locator("#f-canal"))
        await keys.pick("SMS")
        await keys.tab_to(page.get_by_role("button", name="Appliquer"))
        await keys.press("Enter")
        await keys.at("**/demandes?*canal=sms*")
        await keys.press("v")
        await expect(page.locator("#v-name")).to_be_focused()
        await keys.press("Enter")
        await expect(page.locator(".kept-views")).to_contain_text("SMS")
    await keys.press("g", "t")
    await keys.at("**/demandes")
    async with keys.doing(OPEN_A_VIEW, day.steps):
        await keys.tab_to(page.locator(".kept-views a", has_text="SMS"))
        await keys.press("Enter")
        await keys.at("**/demandes?*canal=sms*")
        await expect(row_of(page, "Un lampadaire clignote")).to_be_visible()
        await expect(row_of(page, "Lampadaire éteint")).to_have_count(0)


async def _look_for(keys: Keyboard, words: str) -> None:
    await keys.press("/")
    await expect(keys.page.locator("#recherche")).to_be_focused()
    await keys.write(words)
    await keys.press("Enter")
    # What was found before stands at the same address: the page that comes has the focus elsewhere.
    await expect(keys.page.locator("#recherche")).not_to_be_focused()
    await keys.at("**/recherche*")


async def _found(keys: Keyboard, words: str, subject: str) -> None:
    """Wait until what has just come can be searched."""

    async def is_found() -> bool:
        await _look_for(keys, words)
        return await keys.page.locator(".hits > li").filter(has_text=subject).count() > 0

    await until(is_found, f"{subject} can be found")
