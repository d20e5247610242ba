"""The administration in a real browser: by keyboard, without scripts, clean for axe, no wider than a phone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, sign_in
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import address_of, assert_clean_at, served


@pytest.fixture
async def address(administered: TownHall) -> AsyncIterator[str]:
    async with served(administered.web()) as server:
        yield address_of(server)


async def test_each_page_is_clean(chromium: Browser, address: str, cases):
    width, height = SIZES[NARROWEST]
    page = await chromium.new_page(base_url=address, viewport={"width": width, "height": height}, bypass_csp=True)
    await sign_in(page, "helene.vasseur")
    await page.get_by_role("link", name="Administration").click()
    await assert_clean_at(page, "staff-agents", SIZES)
    await page.get_by_role("link", name="Karim Haddad").click()
    await assert_clean_at(page, "staff-agent", SIZES)
    await page.locator("#starts").fill("2026-12-02")
    await page.locator("#ends").fill("2026-12-01")
    await page.locator("#name").fill("Karim H.")
    await page.get_by_role("button", name="Enregistrer").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Le dernier jour précède le premier.")
    await expect(page.locator("#name")).to_have_value("Karim H.")
    await assert_clean_at(page, "staff-agent-refused", SIZES)
    for place in ("agents/nouveau", "profils", "profils/contact", "profils/nouveau", "unites", "unites/technique"):
        await page.goto(f"/administration/{place}")
        await assert_clean_at(page, f"staff-{place.replace('/', '-')}", SIZES)
    for place in ("correspondances", "correspondances/nouveau"):
        await page.goto(f"/administration/{place}")
        await assert_clean_at(page, f"staff-{place.replace('/', '-')}", SIZES)
    await page.goto("/administration/pourquoi")
    await page.locator("#agent").select_option(label="Claire Dumas")
    await page.locator("#demande").fill(cases["hole"].reference)
    await page.get_by_role("button", name="Demander").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Claire Dumas voit cette demande en synthèse")
    await assert_clean_at(page, "staff-why", SIZES)
    await page.close()


async def test_it_works_without_scripts_and_says_what_holds_now(chromium: Browser, address: str, cases):
    page = await chromium.new_page(base_url=address, java_script_enabled=False)
    await sign_in(page, "helene.vasseur")
    await page.goto("/administration/agents/agent-12")
    await page.get_by_text("Ajouter une affectation").click()
    await page.locator("#also-new-profile").select_option(label="Agent")
    await page.locator("#also-new-departments-ccas").check()
    await page.locator("#also-new-ends").fill("2030-12-31")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("status")).to_contain_text("Enregistré.")
    await expect(page.get_by_role("group", name="Affectation 1")).to_be_visible()
    await page.get_by_role("button", name="Revenir aux fichiers de la mairie").click()
    await expect(page.get_by_role("status")).to_contain_text("Les fichiers de la mairie valent de nouveau.")
    await page.close()
