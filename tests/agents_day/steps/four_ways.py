"""The four acts that are held against another desk's own ways: answer, re-route, other cases of a person, a call."""

from typing import Final

from playwright.async_api import expect

from tests.agents_day.day import Day, done
from tests.agents_day.keyboard import Keyboard, row_of

ANSWER: Final = "Answer a case"
REROUTE: Final = "Hand a case to another department, with a reason"
OTHERS: Final = "See and open another case of the same person"
CALL: Final = "Take down a telephone call while on the line"


async def answer(day: Day, keys: Keyboard) -> None:
    """From the list: the row, the answer, sent."""
    words = "Bonjour, une équipe passe jeudi matin."
    await day.comes(keys, "Trottoir soulevé", "Bonjour, le trottoir se soulève au 4, rue Haute.")
    async with keys.doing(ANSWER, day.steps):
        await keys.to_row("Trottoir soulevé")
        await keys.press("r")
        await expect(keys.page.locator("#text")).to_be_focused()
        await keys.write(words)
        await keys.press("Control+Enter")
        await done(keys.page, "Réponse prise en compte")
    await day.sandbox.wait_for_mail("amina-benali", containing="jeudi matin")


async def reroute(day: Day, keys: Keyboard) -> None:
    """From the list: what is not of this department goes where it belongs."""
    await day.comes(keys, "Trottoir sale", "Bonjour, des sacs éventrés depuis lundi.")
    async with keys.doing(REROUTE, day.steps):
        await keys.to_row("Trottoir sale")
        await keys.press("t")
        await expect(keys.page.locator("#department")).to_be_focused()
        await keys.pick("Prop")
        await keys.press("Tab")
        await keys.write("Sacs à enlever.")
        await keys.press("Tab", "Enter")
        await expect(keys.page.get_by_text("Transmission prise en compte")).to_be_visible()


async def others(day: Day, keys: Keyboard) -> None:
    """From the list: what else the same person has asked for."""
    await day.comes(keys, "Lampadaire éteint", "Bonjour, celui du 6, rue Haute.")
    async with keys.doing(OTHERS, day.steps):
        await keys.to_row("Lampadaire éteint")
        await keys.press("u")
        await expect(keys.page.locator(".related a").first).to_be_focused()
        await keys.press("Enter")
        await expect(keys.page.locator(".case-head h1")).to_have_text("Trottoir soulevé")


async def call(day: Day, keys: Keyboard) -> None:
    """From anywhere: the form, who calls, what about; the reference is told while they are on the line."""
    async with keys.doing(CALL, day.steps):
        await keys.press("n")
        await keys.at("**/saisie")
        await keys.tab_to(keys.page.locator("#way"))
        await keys.pick("T")
        await expect(keys.page.locator("#way")).to_have_value("phone")
        await keys.tab_to(keys.page.get_by_label("Nom et prénom"))
        await keys.write("Irène Kessler")
        await keys.tab_to(keys.page.get_by_label("Objet"))
        await keys.write("Branche sur le trottoir")
        await keys.tab_to(keys.page.get_by_label("Ce que la personne a dit"))
        await keys.write("Une branche barre le trottoir devant le 12, rue Basse.")
        await keys.press("Control+Enter")
        await expect(keys.page.locator("main .reference").first).to_be_visible()  # to be told
    await keys.press("Escape", "Escape", "g", "t")
    await keys.at("**/demandes")
    await expect(row_of(keys.page, "Branche sur le trottoir")).to_be_visible()
