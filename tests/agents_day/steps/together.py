"""Work that two agents share: handed over, done at once, taken over while one is away."""

from datetime import timedelta
from typing import Final

from playwright.async_api import expect

from tests.agents_day.day import HELENE, Day, done
from tests.agents_day.keyboard import Keyboard, row_of

HAND_OVER: Final = "Hand a case to a colleague, with a word"
OVERTAKEN: Final = "Two answer at once: read the colleague’s answer, then send one’s own words"
ABSENCE: Final = "State an absence with a stand-in"
STANDS_IN: Final = "As the stand-in, open the work of who is away"
PANEL: Final = "Panneau plié par un camion"
KERB: Final = "Trottoir trop haut pour un fauteuil"
HOLE: Final = "Nid-de-poule rue Neuve"


async def hand_over(day: Day, keys: Keyboard) -> None:
    """From its row: to a colleague by name, who finds it under « Les miennes »."""
    page = keys.page
    await day.comes(keys, PANEL)
    await keys.to_row(PANEL)
    async with keys.doing(HAND_OVER, day.steps):
        await keys.press("a")
        await expect(page.get_by_role("button", name="Prendre")).to_be_focused()
        await keys.tab_to(page.get_by_label("Collègue", exact=True))
        await keys.pick("H")
        await keys.press("Tab")
        await keys.write("Tu connais le fournisseur.")
        await keys.press("Tab", "Enter")
        await expect(page.get_by_text("Karim Haddad a attribué la demande à Hélène Vasseur")).to_be_visible()
    async with day.at_the_desk(HELENE) as helene:
        await helene.press("g", "m")
        await helene.at("**/demandes?vue=miennes")
        await helene.to_row(PANEL)
        await helene.press("Enter")
        await expect(helene.page.locator(".story")).to_contain_text("Tu connais le fournisseur.")


async def overtaken(day: Day, keys: Keyboard) -> None:
    """Each sees the other there; who is second gets their words back beside what was answered, and sends what is left."""
    mail = await day.sandbox.send_mail("thomas-lefevre", HOLE, "Bonjour, un nid-de-poule devant le 3, rue Neuve.")
    await _list(keys)
    async with day.at_the_desk(HELENE) as helene:
        for each in (keys, helene):
            await expect(row_of(each.page, HOLE)).to_be_visible()
        await _open_composer(keys)
        await _open_composer(helene)
        await expect(keys.page.locator(".present")).to_contain_text("Hélène Vasseur lit cette demande")
        await helene.write("Nous passons demain.")
        await expect(keys.page.locator(".present")).to_contain_text("Hélène Vasseur écrit une réponse")
        await helene.press("Control+Enter")
        await done(helene.page, "Réponse prise en compte")
    async with keys.doing(OVERTAKEN, day.steps):
        await keys.write("Passage entre 8 h et 10 h.")
        await keys.press("Control+Enter")
        refusal = keys.page.get_by_role("alert").filter(has_text="La réponse n’est pas partie")
        await expect(refusal).to_be_visible()
        await expect(keys.page.locator("#text")).to_have_value("Passage entre 8 h et 10 h.")
        await keys.tab_to(refusal.get_by_role("link").first)
        await keys.press("Enter")
        await expect(keys.page.locator("#nouveau-1")).to_contain_text("Nous passons demain.")
        await keys.press("r")
        await keys.press("Control+Enter")
        await done(keys.page, "Réponse prise en compte")
    for words in ("Nous passons demain", "entre 8 h et 10 h"):
        await day.sandbox.wait_for_mail("thomas-lefevre", after=mail.id, containing=words)


async def absence(day: Day, keys: Keyboard) -> None:
    """From today until tomorrow; the stand-in finds the cases among their own."""
    page, today = keys.page, day.today()
    await day.comes(keys, KERB)
    await keys.to_row(KERB)
    await keys.press("a")
    await expect(page.get_by_role("button", name="Prendre")).to_be_focused()
    await keys.press("Enter")
    await done(page, "Attribution prise en compte")
    await _list(keys)
    async with keys.doing(ABSENCE, day.steps):
        await keys.tab_to(page.locator(".who > summary"))
        await keys.press("Enter", "Tab", "Enter")
        await keys.at("**/absences")
        await keys.tab_to(page.get_by_label("Premier jour"))
        await keys.pick_day(today)
        await keys.tab_to(page.get_by_label("Dernier jour"))
        await keys.pick_day(today + timedelta(days=1))
        await keys.tab_to(page.get_by_label("Qui reprend le travail"))
        await keys.pick("H")
        await keys.press("Tab", "Enter")
        await done(page, "L’absence est enregistrée.")
    async with day.at_the_desk(HELENE) as helene, helene.doing(STANDS_IN, day.steps):
        await helene.press("g", "m")
        await helene.at("**/demandes?vue=miennes")
        await expect(helene.page.get_by_text("Vous remplacez Karim Haddad")).to_be_visible()
        await helene.to_row(KERB)
        await helene.press("Enter")
        await expect(helene.page.locator(".case-head h1")).to_have_text(KERB)


async def _open_composer(keys: Keyboard) -> None:
    await keys.to_row(HOLE)
    await keys.press("r")
    await expect(keys.page.locator("#text")).to_be_focused()


async def _list(keys: Keyboard) -> None:
    await keys.press("Escape", "Escape", "g", "t")
    await keys.at("**/demandes")
