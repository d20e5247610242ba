"""A short day at the desk without a mouse, in a real browser."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from guichet.contracts.case_commands import AddNote, AssignCase, CloseCase, SendReply
from guichet.contracts.topics import CASE_COMMANDS
from guichet_testing.doors.desk_in_browser import follow_in_account, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import phone
from guichet_testing.real.pages import assert_clean, keep_picture


@pytest.fixture
async def page(chromium: Browser, hall: TownHall, cases) -> AsyncIterator[Page]:
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page:
        yield page


async def press(page: Page, *keys: str) -> None:
    """Press these, one after the other."""
    for key in keys:
        await page.keyboard.press(key)


async def at(page: Page, address: str) -> None:
    """Wait until a page is there, and its keys."""
    await page.wait_for_url(address)
    await page.locator("html[data-keys]").wait_for(state="attached")


async def test_a_short_day(page: Page, hall: TownHall, cases):
    await page.goto("/reponses-types/nouvelle")
    await at(page, "**/reponses-types/nouvelle")
    await page.locator("#title").fill("Passage")
    await page.locator("#text").fill("Nous passons demain.")
    await page.keyboard.press("Control+Enter")
    await at(page, "**/reponses-types?fait=gardee")
    await press(page, "g", "t")
    await at(page, "**/demandes")
    await press(page, "End")
    hole, shared = (page.locator(f"#a-{cases[name].reference}") for name in ("hole", "shared"))
    await expect(hole).to_be_focused()
    await press(page, "Home", "j", "ArrowDown", "ArrowUp")
    await expect(shared).to_be_focused()
    ticked = page.locator("input[name=case]:checked")
    await press(page, "Space", "Shift+ArrowDown", "Shift+ArrowDown")
    await expect(ticked).to_have_count(3)
    await press(page, "Escape")
    await expect(ticked).to_have_count(0)
    await press(page, "End", "r")
    await expect(page.locator("#text")).to_be_focused()

    await page.keyboard.type("Bonjour,")
    await press(page, "Enter", "/")
    await expect(page.locator("#saved")).to_be_focused()
    await keep_picture(page, "keys-saved")
    await press(page, "Escape")
    await expect(page.locator("#text")).to_be_focused()
    await press(page, "/", "Enter")
    await expect(page.locator("#text")).to_have_value("Bonjour,\nNous passons demain.")
    await expect(page.locator("#text")).to_be_focused()
    await press(page, "Control+Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Réponse prise en compte")
    await at(page, "**/demandes/*")

    await press(page, "x")
    await expect(page.locator("#note")).to_be_focused()
    await expect(page.locator("#text")).to_be_hidden()
    await page.keyboard.type("Vu avec l’école : raser")
    await assert_clean(page, "keys-note")
    await press(page, "Control+Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Note")
    await at(page, "**/demandes/*")

    await press(page, "a")
    await expect(page.get_by_role("button", name="Prendre")).to_be_focused()
    await press(page, "Escape")
    await expect(page.get_by_role("button", name="Prendre")).not_to_be_focused()
    await expect(page.locator("main.case :focus, #contenu:focus")).to_have_count(1)
    await press(page, "a", "Enter")
    await expect(page.get_by_role("status").first).to_contain_text("prise en compte")
    await at(page, "**/demandes/*")

    await press(page, "u")
    await expect(page.locator(".related a").first).to_be_focused()
    await press(page, "t")
    await expect(page.locator("#department")).to_be_focused()
    await press(page, "Escape", "s")
    await expect(page.locator("#department")).to_be_hidden()
    await expect(page.locator("#until")).to_be_focused()
    await press(page, "Escape")
    await expect(page.locator("#until")).to_be_hidden()
    await press(page, "Escape")
    await expect(hole).to_be_focused()
    await press(page, "k", "r")
    await page.keyboard.type("test")  # while the case is on its way: no letter is lost, nor acts
    await expect(page.locator("#text")).to_have_value("test")
    await press(page, "Control+a", "Delete", "Escape", "e")
    await expect(page.locator(".case-head .reference")).to_have_text(cases["lamp"].reference)
    await expect(page.locator("#closes_despite")).to_be_focused()
    await press(page, "Space", "Tab", "Tab", "Enter")  # past the choice of a notice
    await expect(page.get_by_role("status").first).to_contain_text("prise en compte")
    kinds = [type(each) for each in hall.publisher.on(CASE_COMMANDS)]
    assert kinds == [SendReply, AddNote, AssignCase, CloseCase]
    await _where_no_answer_can_leave(page, hall)


async def _where_no_answer_can_leave(page: Page, hall: TownHall) -> None:
    """The key leads to why, what is typed on there is no key, and the keys go on."""
    dear = await hall.open_case("dear", channel="sms", sender=(phone("+33899123456"),))
    await page.goto("/demandes")
    await page.locator("html[data-keys]").wait_for(state="attached")
    row = page.locator(f"#a-{dear.reference}")
    await row.focus()
    await press(page, "r")
    await page.keyboard.type("test")
    await expect(page.locator("[data-reply]")).to_be_focused()
    await press(page, "Escape")
    await expect(row).to_be_focused()
    await press(page, "x")
    await expect(page.locator("#note")).to_be_focused()


async def test_keys_are_shown_and_switched_off(page: Page, hall: TownHall, cases):
    there = asyncio.Event()

    async def later(route: Route) -> None:
        await there.wait()
        await route.continue_()

    await page.route("**/static/keyboard.js?*", later)
    await page.goto(f"/demandes/{cases['lamp'].reference}")
    await press(page, "r", "t", "e")  # before what they do has come: then two of them are words
    there.set()
    await expect(page.locator("#text")).to_have_value("te")
    there.clear()
    await page.goto("/demandes")
    await press(page, "End", "Enter")  # the row where one is by then opens, in their order
    there.set()
    await page.wait_for_url(f"**/demandes/{cases['hole'].reference}")
    await page.goto("/demandes")
    await press(page, "?")
    shown = page.get_by_role("dialog", name="Raccourcis clavier")
    await expect(shown).to_contain_text("Note interne")
    await assert_clean(page, "keys-shown")
    await press(page, "r", "Escape")
    await expect(shown).to_be_hidden()
    await press(page, "f")
    await expect(page.locator(".narrowing select").first).to_be_focused()
    await press(page, "Escape", "v")
    await expect(page.locator("#v-name")).to_be_focused()
    await expect(page.locator("#v-name")).to_have_value("À traiter")
    await assert_clean(page, "keys-keep-view")
    await press(page, "Enter")
    await expect(page.locator(".kept-views")).to_contain_text("À traiter")
    await at(page, "**/demandes")
    await press(page, "/")
    await expect(page.locator("#recherche")).to_be_focused()
    await press(page, "?", "Escape", "n")  # in a field, a question mark is one
    await expect(page.locator("h1")).to_have_text("Saisir une demande")
    await page.locator("html[data-keys]").wait_for(state="attached")
    await expect(page.locator("#way")).to_be_focused()  # one types at once; Escape leaves the field
    await press(page, "Escape", "g", "m")
    await at(page, "**/demandes?vue=miennes")
    await follow_in_account(page, "Préférences")
    await expect(page.locator("[data-keys-shown]")).to_contain_text("À répondre")
    await page.get_by_label("Désactivés").check()
    await page.get_by_role("button", name="Enregistrer").press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Vos préférences sont enregistrées.")
    await assert_clean(page, "keys-preferences")
    await press(page, "?", "g", "t")
    await expect(shown).to_be_hidden()
    await expect(page.locator("h1")).to_have_text("Préférences")
    assert not hall.preferences.preferences["agent-12"].keys
