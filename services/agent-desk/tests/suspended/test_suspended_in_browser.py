"""Suspended mail in a real browser: by keyboard, with and without scripts, clean for axe, no wider than a phone."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date
from guichet.store.cases.department_days import department_day
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, sign_in
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.suspended_morning import SuspendedMorning
from guichet_testing.real.pages import address_of, assert_clean_at, served


@pytest.fixture
async def address(hall: TownHall) -> AsyncIterator[str]:
    async with served(hall.web()) as server:
        yield address_of(server)


async def test_an_agent_goes_through_the_morning_s_suspended_mail(
    chromium: Browser, address: str, hall: TownHall, cases, mails: SuspendedMorning
):
    width, height = SIZES[NARROWEST]
    page = await chromium.new_page(base_url=address, viewport={"width": width, "height": height}, bypass_csp=True)
    await sign_in(page, "helene.vasseur")
    await assert_clean_at(page, "suspended-bar", SIZES)
    await page.get_by_role("link", name="Courriels suspendus").click()
    await expect(page.get_by_role("row").filter(has_text="Jeanne Moreau")).to_contain_text("nouveau")
    await assert_clean_at(page, "suspended-list", SIZES)

    await page.get_by_role("link", name="URGENT !").press("Enter")
    await assert_clean_at(page, "suspended-lure", SIZES)
    await page.get_by_role("button", name="Indésirable").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Courriel confirmé comme indésirable")
    await assert_clean_at(page, "suspended-confirmed", SIZES)

    await page.get_by_role("link", name="Copie de mon acte").press("Enter")
    await assert_clean_at(page, "suspended-letter", SIZES)
    await page.get_by_role("button", name="Libérer").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Courriel libéré")
    await expect(page.locator(".empty")).to_have_text("Aucun courriel à examiner.")
    await assert_clean_at(page, "suspended-none", SIZES)

    await page.get_by_role("link", name="Indésirables confirmés").click()
    await assert_clean_at(page, "suspended-spam", SIZES)
    await page.get_by_role("link", name="URGENT !").click()
    await expect(page.locator("main")).to_contain_text("Hélène Vasseur l’a confirmé comme indésirable")
    await assert_clean_at(page, "suspended-spam-mail", SIZES)
    await assert_figures_are_clean(page, hall)
    await page.close()


async def assert_figures_are_clean(page: Page, hall: TownHall) -> None:
    """Look at the figures of all departments that the agent heads, and of one."""
    for nth in range(28):
        day = paris_date(hall.clock()) - timedelta(days=nth)
        numbers = {"received": 86 if nth == 12 else 20 + nth % 9, "answered": 18 + nth % 11, "closed": nth % 7}
        await hall.days.put([department_day(DepartmentId("voirie"), day, **numbers)])
    await page.get_by_role("link", name="Mon service", exact=True).click()
    await expect(page.get_by_role("img", name="Depuis quand")).to_be_visible()
    await assert_clean_at(page, "figures", SIZES)
    await page.get_by_role("link", name="Voirie et éclairage public").click()
    for summary in await page.locator(".panels summary").all():
        await summary.press("Enter")
    await assert_clean_at(page, "figures-of-one", SIZES)


async def test_it_works_without_scripts(chromium: Browser, address: str, cases, mails: SuspendedMorning):
    page = await chromium.new_page(base_url=address, java_script_enabled=False)
    await sign_in(page, "helene.vasseur")
    await page.get_by_role("link", name="Courriels suspendus").click()
    await page.get_by_role("row").filter(has_text="URGENT").get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("Courriel confirmé comme indésirable")
    await page.close()


async def test_what_was_refused_is_told_where_the_agent_looks(
    chromium: Browser, address: str, hall: TownHall, cases, mails: SuspendedMorning
):
    width, height = SIZES[NARROWEST]
    page = await chromium.new_page(base_url=address, viewport={"width": width, "height": height}, bypass_csp=True)
    await sign_in(page, "helene.vasseur")
    await page.goto(f"/courriels-suspendus/{mails.letter}")
    hall.publisher.refuses = "already-released"
    await page.get_by_role("button", name="Libérer").click()
    await expect(page.get_by_role("alert")).to_contain_text("un autre agent l’a déjà libéré")
    await expect(page.get_by_role("alert")).to_be_focused()
    await assert_clean_at(page, "suspended-refused", SIZES)
    await page.close()
