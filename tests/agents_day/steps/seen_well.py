"""The pages of the day in the dark, at 200 %: nothing is cut off, and axe finds no fault."""

from typing import Final

from playwright.async_api import expect

from guichet_testing.real.pages import assert_clean
from tests.agents_day.day import KARIM, Day, done

ZOOMED: Final = "Answer a case in the dark at 200 %"


async def in_the_dark(day: Day) -> None:
    """List, case, answer, form, search: looked at as they are worked with."""
    await day.sandbox.send_mail("amina-benali", "Caniveau bouché", "Bonjour, le caniveau du 8 déborde.")
    async with day.at_the_desk(KARIM, zoomed=True) as keys:
        page = keys.page
        await assert_clean(page, "day-list-zoomed")
        async with keys.doing(ZOOMED, day.steps):
            await keys.to_row("Caniveau bouché")
            await keys.press("r")
            await expect(page.locator("#text")).to_be_focused()
            await keys.write("Curage demain matin.")
            await keys.press("Control+Enter")
            await done(page, "Réponse prise en compte")
        await assert_clean(page, "day-case-zoomed")
        await keys.press("n")
        await keys.at("**/saisie")
        await assert_clean(page, "day-call-zoomed")
        await keys.press("Escape", "g", "m")
        await keys.at("**/demandes?vue=miennes")
        await assert_clean(page, "day-mine-zoomed")
