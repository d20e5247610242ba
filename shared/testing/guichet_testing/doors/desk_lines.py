"""What stands on a page of the desk, line by line: for tests that hold every line against what a profile shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Locator, Page, expect

GONE: Final = "Cette page n’existe pas"
NOBODYS: Final = "2026-0000-000"
AROUND: Final = (
    "Aller au contenu",
    "Démonstration : ces personnes et ces messages sont inventés, et rien n’est envoyé à personne.",
    "Guichet Saint-Aubin-des-Prés",
    "Guichet",  # on a telephone
    "Rechercher une demande : mots, nom, téléphone ou référence",
    "Rechercher",
    "Demandes",
    "← Demandes",
    "Saisir",
    "Réponses types",
    "Français",
    "English",
    "Chaque lecture et chaque décision est consignée.",
)
"""What stands on each page around what it is about: of nobody."""


def synthesis_lines(procedure: str, state: str, filed_on: str, department: str) -> tuple[str, ...]:
    """Return all that a synthesis says beside the reference. filed_on: such as 22/11/2026."""
    return (
        procedure,
        state,
        f"Reçue le {filed_on}",
        department,
        "Votre profil montre cette demande en synthèse : la démarche, la date de dépôt, l’état et le service.",
    )


_SAY_NO_TITLE = "for (const each of document.querySelectorAll('body > [role=status]')) each.hidden = true"
"""The title is said aloud some time after a page came in place: no line that is read."""


async def lines_of(page: Page) -> list[str]:
    """Return everything that stands on the page, once all of it has come; what is for screen readers alone, too.

    No-break spaces read as any other.
    """
    await page.wait_for_load_state()  # a heading is there before what stands below it
    await page.evaluate(_SAY_NO_TITLE)
    text = await page.locator("body").inner_text()
    return [_plain(line) for line in text.replace("\t", "\n").splitlines() if line.strip()]


def _plain(line: str) -> str:
    return line.replace("\N{NO-BREAK SPACE}", " ").strip()


async def assert_says_only(page: Page, *allowed: str) -> None:
    """Fail if anything else stands there."""
    there = {*AROUND, *map(_plain, allowed)}
    more = [line for line in await lines_of(page) if line not in there]
    assert more == [], more


async def reference_in(row: Locator) -> str:
    """Return the reference that a row of the list says."""
    return (await row.locator(".ref").text_content() or "").strip()


@asynccontextmanager
async def another_page(page: Page) -> AsyncIterator[None]:
    """Wait until what is done within has led to another page, which may come within the same document."""
    await page.locator("#contenu").evaluate("content => { content.dataset.isLeft = '' }")
    yield
    await expect(page.locator("#contenu:not([data-is-left])")).to_be_attached()
    await page.wait_for_load_state()


async def look_up(page: Page, reference: str) -> None:
    """Type a reference where each page takes one."""
    async with another_page(page):
        await page.locator("#recherche").fill(reference)
        await page.locator("#recherche").press("Enter")


async def assert_is_not_there(page: Page, reference: str) -> None:
    """Fail unless a case reads like one that there is not."""
    seen = []
    for each in (reference, NOBODYS):
        await look_up(page, each)
        await expect(page.locator("h1")).to_have_text(GONE)
        seen.append(await lines_of(page))
        async with another_page(page):
            await page.get_by_role("link", name="Revenir aux demandes").click()
    assert seen[0] == seen[1]
