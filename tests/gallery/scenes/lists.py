"""Lists of cases: as many as there are, narrowed, found by words, and while something is away."""

import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import expect

from agent_desk.domain.work.saved_view_form import OWN
from guichet.contracts.case_events import CaseState
from guichet.store.saved_views import MOST as MOST_VIEWS
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail, phone
from guichet_testing.doors.searched_hall import searched
from tests.gallery.exhibit import Exhibit, State
from tests.gallery.visit import Visit

CASES, SEARCH, VIEWS = "GET /demandes", "GET /recherche", "GET /vues"
THOUSANDS: Final = 2_400
_SUBJECTS: Final = (
    "Lampadaire éteint depuis trois jours devant le 14 bis",
    "Trottoir affaissé",
    "Demande de place de stationnement réservée aux personnes à mobilité réduite, rue du Général-de-Gaulle",
    "Passage piéton effacé",
    "Signalement",
)
_NAMES: Final = ("Jeanne Moreau", "Jean-Baptiste Ollivier de la Rochefoucauld-Montbel", "Amadou Sarr", "Rose Petit")


async def _empty(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/demandes")


async def _one(visit: Visit) -> None:
    hall = TownHall()
    await hall.open_case("lamp", subject="Lampadaire éteint", minutes=95)
    await visit.enter(hall)
    await visit.goto("/demandes")


async def _morning(visit: Visit) -> None:
    hall = TownHall()
    await a_busy_morning(hall)
    await visit.enter(hall)
    await visit.goto("/demandes")


async def _thousands(visit: Visit) -> None:
    hall = await a_full_hall()
    await visit.enter(hall)
    await visit.goto("/demandes")
    await expect(visit.page.get_by_role("link", name="Page suivante")).to_be_visible()


async def a_full_hall() -> TownHall:
    """Return a town hall with thousands of cases, whose people and subjects are short and long."""
    hall = TownHall()
    people = [await hall.register(name, mail(f"personne-{nth}@courriel.example")) for nth, name in enumerate(_NAMES)]
    for nth in range(THOUSANDS):
        await hall.open_case(
            f"case-{nth}",
            subject=_SUBJECTS[nth % len(_SUBJECTS)],
            text="Bonjour, je vous signale ce qui suit, et vous remercie d’avance de ce que vous ferez.",
            citizen=people[nth % len(people)],
            sender=(phone("+33639981111"),) if nth % 7 == 0 else (mail(f"personne-{nth % 4}@courriel.example"),),
            channel="sms" if nth % 7 == 0 else "email",
            state=CaseState.IN_PROGRESS if nth % 3 else CaseState.RECEIVED,
            minutes=-nth * 17,
        )
    return hall


async def _ticked(visit: Visit) -> None:
    await _morning(visit)
    for box in (await visit.page.locator("input[name=case]").all())[:2]:
        await box.check()


async def _nothing_found(visit: Visit) -> None:
    await _morning(visit)
    await visit.goto("/demandes?canal=telegram&du=2026-11-01")


async def _narrowed(visit: Visit) -> None:
    await _morning(visit)
    await visit.goto("/demandes?canal=sms&du=2026-11-01")
    for summary in await visit.page.locator(".narrowing > summary").all():
        await summary.click()


async def _tampered(visit: Visit) -> None:
    hall = TownHall()
    cases = await a_busy_morning(hall)
    hall.cases.put(cases["hole"].model_copy(update={"subject": tampered(cases["hole"].subject)}))
    people = hall.registry.citizens
    people[:] = [each.model_copy(update={"record": tampered(each.record)}) for each in people]
    await visit.enter(hall)
    await visit.goto("/demandes")


async def _store_away(visit: Visit) -> None:
    hall = TownHall()
    await visit.enter(hall)
    hall.cases.away = True
    await visit.goto("/demandes")


async def _for_callers(visit: Visit) -> None:
    hall = TownHall()
    await a_busy_morning(hall)
    await visit.enter(hall, "nadia.belkacem")
    await visit.goto("/demandes")


async def _in_synthesis(visit: Visit) -> None:
    hall = TownHall()
    cases = await a_busy_morning(hall)
    hall.cases.put(cases["hole"].model_copy(update={"procedure": "signalement-voirie"}))
    await visit.enter(hall, "yves.kermarrec")
    await visit.goto("/demandes")


async def _signed_out(visit: Visit) -> None:
    hall = TownHall()
    await a_busy_morning(hall)
    await visit.enter(hall)
    await visit.goto("/demandes?vue=non-lues")
    await visit.context.clear_cookies()
    await visit.page.reload()


# --- searches


async def _searched(visit: Visit, typed: str, *, away: bool = False) -> None:
    hall = TownHall()
    await a_busy_morning(hall)
    if not away:
        await search_files_of(visit, hall)
    await visit.enter(hall)
    await visit.goto("/demandes")
    await visit.page.locator("#recherche").fill(typed)
    await visit.page.locator("#recherche").press("Enter")
    await visit.page.wait_for_url("**/recherche**")


async def search_files_of(visit: Visit, hall: TownHall) -> None:
    """Let a hall's desk search the cases that it has by now, for as long as the visit lasts."""
    folder = visit.stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-gallery-"))
    await visit.stack.enter_async_context(searched(hall, Path(folder) / "search"))


async def _help(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/recherche")


async def _found(visit: Visit) -> None:
    await _searched(visit, "trou ecoles")


async def _found_nothing(visit: Visit) -> None:
    await _searched(visit, "patinoire")


async def _not_understood(visit: Visit) -> None:
    await _searched(visit, "assigné:moi trou")


async def _files_away(visit: Visit) -> None:
    await _searched(visit, "lampadaire", away=True)


# --- saved views


async def _no_views(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/vues")


async def _views(visit: Visit) -> None:
    await visit.enter(TownHall())
    for name, whose in (
        ("Mes SMS", OWN),
        ("Voirie : en retard", "voirie"),
        ("Celles que je reprends lundi matin", OWN),
    ):
        await visit.post("/vues", name=name, whose=whose, canal="sms")
    await visit.goto("/vues")


async def _too_many_views(visit: Visit) -> None:
    await visit.enter(TownHall())
    for nth in range(MOST_VIEWS):
        await visit.post("/vues", name=f"Vue {nth}", whose=OWN)
    await visit.goto("/demandes?canal=sms")
    await visit.page.get_by_text("Enregistrer cette vue").click()
    await visit.page.get_by_label("Nom de la vue").fill("Une de trop")
    await visit.page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(visit.page.get_by_role("alert")).to_be_visible()


SCENES: Final = (
    Exhibit("demandes-aucune", CASES, State.EMPTY, _empty),
    Exhibit("demandes-une", CASES, State.ONE, _one),
    Exhibit("demandes", CASES, State.USUAL, _morning, at_night=True),
    Exhibit("demandes-milliers", CASES, State.THOUSANDS, _thousands),
    Exhibit("demandes-cochees", CASES, State.USUAL, _ticked),
    Exhibit("demandes-filtrees", CASES, State.USUAL, _narrowed),
    Exhibit("demandes-rien-trouve", CASES, State.EMPTY, _nothing_found),
    Exhibit("demandes-alterees", CASES, State.TAMPERED, _tampered),
    Exhibit("demandes-base-absente", CASES, State.STORE_AWAY, _store_away),
    Exhibit("demandes-centre-de-contact", CASES, State.DENIED, _for_callers),
    Exhibit("demandes-en-synthese", CASES, State.USUAL, _in_synthesis),
    Exhibit("demandes-deconnecte", CASES, State.SIGNED_OUT, _signed_out),
    Exhibit("recherche-aide", SEARCH, State.EMPTY, _help),
    Exhibit("recherche", SEARCH, State.USUAL, _found),
    Exhibit("recherche-rien", SEARCH, State.EMPTY, _found_nothing),
    Exhibit("recherche-incomprise", SEARCH, State.REFUSED, _not_understood),
    Exhibit("recherche-fichiers-absents", SEARCH, State.HELPER_AWAY, _files_away),
    Exhibit("vues-aucune", VIEWS, State.EMPTY, _no_views),
    Exhibit("vues", VIEWS, State.USUAL, _views),
    Exhibit("vues-trop", VIEWS, State.REFUSED, _too_many_views),
)
