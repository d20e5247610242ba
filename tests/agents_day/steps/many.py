"""Many at once: a storm that is answered in one act, and twenty letters by the stack."""

from typing import Final

from playwright.async_api import expect

from guichet_testing.until import until
from tests.agents_day.arrivals import STORM, STREETS
from tests.agents_day.day import Day
from tests.agents_day.keyboard import Keyboard
from tests.agents_day.scans import LETTERS, Letter, stack_of

ANSWER_STORM: Final = f"Answer a storm: {len(STREETS)} cases found by a word, one text"
STACK: Final = "Hand in a stack of scanned letters"
TYPE_LETTERS: Final = f"Complete the {len(LETTERS)} letters of the stack"


async def storm(day: Day, keys: Keyboard) -> None:
    """Found by the word of the morning, ticked all together, answered once; each citizen has their own answer."""
    page, words = keys.page, "La chaussée est fermée jusqu’à ce soir, une équipe est sur place."
    async with keys.doing(ANSWER_STORM, day.steps):
        await keys.press("/")
        await expect(page.locator("#recherche")).to_be_focused()
        await keys.write("objet:inondée")
        await keys.press("Enter")
        await keys.at("**/recherche*")
        await expect(page.locator(".hits > li")).to_have_count(len(STREETS))
        await keys.tab_to(page.locator("#cocher-tout"))
        await keys.press("Space")
        await expect(page.locator("#ensemble .ticked")).to_have_text(f"{len(STREETS)} demandes cochées")
        await keys.tab_to(page.get_by_role("button", name="Répondre…"))
        await keys.press("Enter")
        await keys.at("**/traitements/apercu*")
        await keys.tab_to(page.locator("#words"))
        await keys.write(words)
        await keys.tab_to(page.get_by_role("button", name="Lancer"))
        await keys.press("Enter")
        await expect(page.locator("#chiffre")).to_have_text(f"{len(STREETS)} sur {len(STREETS)} demandes")
        await expect(page.locator("#avancement")).to_have_text("Terminé")
    assert STORM.startswith("Chaussée")

    async def all_have_it() -> bool:
        came = await day.sandbox.entries(channel="mail", containing="La chaussée est fermée")
        return {each.address for each in came} == {f"inonde-{n}@courriel.example" for n in range(len(STREETS))}

    await until(all_have_it, "each citizen of the storm has the answer")


async def letters(day: Day, keys: Keyboard) -> None:
    """Handed in as one file, then completed one after the other beside the page."""
    page = keys.page
    await page.goto("/saisie/courriers/intercalaires")
    pile = stack_of(LETTERS, await page.locator(".sheet svg").screenshot())
    await page.goto("/demandes")
    await keys.at("**/demandes")
    async with keys.doing(STACK, day.steps):
        await keys.press("n")
        await keys.at("**/saisie")
        await keys.tab_to(
            page.get_by_role("link", name="Courriers numérisés"), back=True
        )  # right above the first field
        await keys.press("Enter")
        await keys.at("**/saisie/courriers")
        await keys.tab_to(page.get_by_label("Fichiers numérisés"))
        async with page.expect_file_chooser() as chosen:
            await keys.press("Space")
        await (await chosen.value).set_files({"name": "pile.pdf", "mimeType": "application/pdf", "buffer": pile})
        await keys.tab_to(page.get_by_label("Jour du tampon"))
        await keys.pick_day(day.today())
        await keys.tab_to(page.get_by_label("Originaux rangés"))
        await keys.write("Boîte 41")
        await keys.press("Enter")
        await expect(page.locator("h1")).to_have_text(f"Courrier 1 sur {len(LETTERS)}")
    day.seen["tesseract"] = bool(await page.get_by_label("Objet").input_value())
    async with keys.doing(TYPE_LETTERS, day.steps):
        for number, letter in enumerate(LETTERS, 1):
            await expect(page.locator("h1")).to_have_text(f"Courrier {number} sur {len(LETTERS)}")
            await _complete(keys, letter)
        await expect(page.get_by_text("Lot terminé")).to_be_visible()


async def _complete(keys: Keyboard, letter: Letter) -> None:
    """Write what nobody proposed."""
    page = keys.page
    await page.locator("html[data-keys]").wait_for(state="attached")
    for label, words in (
        ("Nom et prénom", letter.name),
        ("Objet", letter.subject),
        ("Ce que demande le courrier", letter.text),
    ):
        field = page.get_by_label(label)
        await keys.tab_to(field)
        if not await field.input_value():
            await keys.write(words)
    await keys.press("Control+Enter")
