"""The law's clocks: on the page of a case, unfolded, and in lists."""

from datetime import timedelta
from typing import Any, Final

from playwright.async_api import expect

from guichet.case.record import CaseDue, CaseRecord, CaseWorkflow, DoneTask
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import AgentId, ProcedureId
from guichet.law.calendar import paris_date
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, SIGN, TERRACE, clocked_town
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from tests.gallery.exhibit import Exhibit, Scene, State
from tests.gallery.visit import Visit

CASE: Final = "GET /demandes/{reference}"
CLOCKS: Final = "GET /demandes/{reference}/delais"
TRANSFER: Final = "GET /demandes/{reference}/autre-administration"
SEALED: Final = "GET /demandes/{reference}/autre-administration/dossier"
PREFECTURE: Final = "Préfecture du département"
PIECES: Final = "GET /demandes/{reference}/pieces"
QUESTION: Final = "GET /demandes/{reference}/question"
FACTS: Final = "GET /demandes/{reference}/faits"
STEPS: Final = "GET /demandes/{reference}/etapes"
RIGHT: Final = StatedFact(event=FactKind.RIGHTS_REQUESTED, at=ARRIVED)


def _confirmed(procedure: ProcedureId) -> StatedFact:
    return StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=ARRIVED, procedure=procedure)


def _workflow() -> CaseWorkflow:
    """Return one at its second step of five."""
    frozen = the_example_town().workflow_of(ProcedureId("arrete-circulation"))
    assert frozen is not None
    done = (DoneTask(task="lieu-et-dates", by=AgentId("karim.haddad"), at=ARRIVED),)
    return CaseWorkflow(frozen=frozen, step="avis", done=done)


async def _case(visit: Visit, *facts: StatedFact, days: int = 0, path: str = "", **kept: Any) -> CaseRecord:
    hall = TownHall(town=clocked_town())
    cases = await a_busy_morning(hall)
    case = cases["hole"].model_copy(update={"received_at": ARRIVED, "facts": facts, **kept})
    hall.cases.put(case)
    hall.clock.now += timedelta(days=days)
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}{path}")
    return case


def _of(*facts: StatedFact, days: int = 0, path: str = "", **kept: Any) -> Scene:
    async def scene(visit: Visit) -> None:
        await _case(visit, *facts, days=days, path=path, **kept)

    return scene


async def _unfolded(visit: Visit) -> None:
    await _case(visit, _confirmed(TERRACE), days=2)
    await visit.page.locator("summary", has_text="Tous les délais").click()
    await visit.page.locator("#nature-dite").select_option("complaint")
    await expect(visit.page.locator("#nature-dite-suite")).to_contain_text("partira")


async def _unseen(visit: Visit) -> None:
    await _case(visit)
    await visit.page.locator("summary", has_text="Tous les délais").click()
    form = visit.page.locator("form:has(#demarche-dite)")
    await visit.page.locator("#demarche-dite").evaluate(f"choice => {{ choice.value = '{SIGN}' }}")
    await form.get_by_role("button").click()
    await expect(visit.page.get_by_role("alert")).to_contain_text("Lisez ce qui partira")


async def _threat_without_words(visit: Visit) -> None:
    await _case(visit, path="/delais")
    await visit.page.locator("#nature-dite").select_option("threatening")
    await expect(visit.page.locator("#nature-dite-suite")).to_contain_text("partira")
    await visit.page.locator("form:has(#nature-dite)").get_by_role("button").click()
    await expect(visit.page.get_by_role("alert")).to_contain_text("Écrivez ce qui montre")


ASKED: Final = StatedFact.model_validate(
    {"event": "pieces-asked-for", "at": ARRIVED, "asked": {"pieces": [{"name": "assurance"}], "until": "2026-12-24"}}
)


async def _pieces_letter(visit: Visit) -> None:
    await _case(visit, _confirmed(TERRACE), ASKED, days=2, path="/pieces")
    await visit.page.get_by_label("Photographie du lieu").check()
    await visit.page.get_by_label("Vos mots").fill("Merci de votre appel de ce matin.")
    await visit.page.get_by_role("button", name="Aperçu de la lettre").click()
    await expect(visit.page.locator("#apercu")).to_contain_text("il nous manque")


async def _letter_to_send(visit: Visit) -> None:
    await _case(visit, _confirmed(TERRACE), days=2, path="/pieces")
    await visit.page.get_by_role("button", name="Mettre dans la réponse").click()
    await expect(visit.page.locator("#pieces-demandees")).to_contain_text("Cette réponse demande")


async def _no_piece(visit: Visit) -> None:
    await _case(visit, _confirmed(TERRACE), days=2, path="/pieces")
    for each in ("Plan coté", "Attestation d’assurance"):
        await visit.page.get_by_label(each).uncheck()
    await visit.page.get_by_role("button", name="Aperçu de la lettre").click()
    await expect(visit.page.locator("#pieces-wrong")).to_contain_text("au moins une pièce")


async def _question_letter(visit: Visit) -> None:
    await _case(visit, days=2, path="/question")
    await visit.page.get_by_label("Ce que vous demandez").first.fill("Où est le trou ?")
    await visit.page.get_by_role("button", name="Aperçu de la lettre").click()
    await expect(visit.page.locator("#apercu")).to_contain_text("1. Où est le trou ?")


async def _question_to_send(visit: Visit) -> None:
    await _case(visit, days=2, path="/question")
    await visit.page.get_by_label("Ce que vous demandez").first.fill("Où est le trou ?")
    await visit.page.get_by_role("button", name="Mettre dans la réponse").click()
    await expect(visit.page.locator("#pieces-demandees")).to_contain_text("porte un formulaire")


async def _no_question(visit: Visit) -> None:
    await _case(visit, days=2, path="/question")
    await visit.page.get_by_role("button", name="Aperçu de la lettre").click()
    await expect(visit.page.locator("#label-1-wrong")).to_contain_text("au moins une question")


async def _no_fact(visit: Visit) -> None:
    await _case(visit, days=2, path="/faits")
    await visit.page.get_by_label("recours préalable").check()
    await visit.page.locator("#on").evaluate("day => { day.removeAttribute('min'); day.value = '2026-01-01' }")
    await visit.page.get_by_role("button", name="Noter").click()
    await expect(visit.page.locator("#on-wrong")).to_be_visible()


async def _closing(visit: Visit) -> None:
    await _case(visit, _confirmed(TERRACE), at_rest=True)
    await visit.page.locator(".side summary", has_text="Clore la demande").click()


async def _late_ones(visit: Visit) -> None:
    hall = TownHall(town=clocked_town())
    cases = await a_busy_morning(hall)
    for days, name in ((-2, "hole"), (0, "lamp"), (3, "shared"), (20, "machine")):
        due = CaseDue(clock="are", due_on=paris_date(hall.clock()) + timedelta(days=days), is_late=days < 0)
        hall.cases.put(replace_due(cases[name], due))
    await visit.enter(hall)
    await visit.goto("/demandes?vue=echeances")


def replace_due(case: CaseRecord, due: CaseDue) -> CaseRecord:
    """Return a case with other days."""
    return case.model_copy(update={"due": due})


def _passed_on() -> StatedFact:
    return StatedFact(event=FactKind.TRANSFERRED, at=ARRIVED, to=PREFECTURE)


async def _letter(visit: Visit) -> None:
    await _case(visit, _confirmed(TERRACE), path="/autre-administration")
    await visit.page.get_by_label(PREFECTURE).check()
    await visit.page.get_by_label("Vos mots").fill("Les titres de séjour se demandent à la préfecture.")
    await visit.page.get_by_role("button", name="Voir la lettre").click()
    await expect(visit.page.get_by_role("heading", name="La lettre")).to_be_visible()


async def _unchosen(visit: Visit) -> None:
    await _case(visit, path="/autre-administration")
    await visit.page.locator("main form").evaluate("form => { form.noValidate = true }")
    await visit.page.get_by_role("button", name="Voir la lettre").click()
    await expect(visit.page.get_by_role("alert")).to_contain_text("Choisissez")


SCENES: Final = (
    Exhibit("delais-proposes", CASE, State.ASKED_FIRST, _of(procedure=TERRACE), at_night=True),
    Exhibit("delais-a-confirmer", CASE, State.ASKED_FIRST, _of(procedure=SIGN)),
    Exhibit("delais-retard", CASE, State.USUAL, _of(days=15), at_night=True),
    Exhibit("delais-silence-rejet", CASE, State.DONE, _of(_confirmed(TERRACE), days=90)),
    Exhibit("delais-silence-acceptation", CASE, State.DONE, _of(_confirmed(GARLAND), days=30)),
    Exhibit("delais-deplies", CASE, State.USUAL, _unfolded, at_night=True),
    Exhibit("delais-non-lus", CASE, State.REFUSED, _unseen),
    Exhibit("delais-menace-sans-motif", CASE, State.REFUSED, _threat_without_words, at_night=True),
    Exhibit("delais-clore", CASE, State.ASKED_FIRST, _closing),
    Exhibit("delais-page", CLOCKS, State.USUAL, _of(_confirmed(SIGN), path="/delais")),
    Exhibit("transmission", TRANSFER, State.USUAL, _of(path="/autre-administration"), at_night=True),
    Exhibit("transmission-lettre", TRANSFER, State.ASKED_FIRST, _letter),
    Exhibit("transmission-sans-choix", TRANSFER, State.REFUSED, _unchosen),
    Exhibit("transmission-faite", TRANSFER, State.DONE, _of(_passed_on(), path="/autre-administration")),
    Exhibit("transmission-dossier", SEALED, State.USUAL, _of(_passed_on(), path="/autre-administration/dossier")),
    Exhibit("pieces-lettre", PIECES, State.USUAL, _pieces_letter, at_night=True),
    Exhibit("pieces-reponse", CASE, State.USUAL, _letter_to_send),
    Exhibit("pieces-aucune", PIECES, State.REFUSED, _no_piece),
    Exhibit("question-lettre", QUESTION, State.USUAL, _question_letter, at_night=True),
    Exhibit("question-reponse", CASE, State.USUAL, _question_to_send),
    Exhibit("question-aucune", QUESTION, State.REFUSED, _no_question),
    Exhibit("faits-dates", FACTS, State.USUAL, _of(RIGHT, days=2, path="/faits")),
    Exhibit("faits-faux", FACTS, State.REFUSED, _no_fact),
    Exhibit("etapes", STEPS, State.USUAL, _of(path="/etapes", workflow=_workflow()), at_night=True),
    Exhibit("etapes-aucune", STEPS, State.EMPTY, _of(path="/etapes")),
    Exhibit("etapes-demande", CASE, State.USUAL, _of(workflow=_workflow())),
    Exhibit("delais-liste", "GET /demandes", State.USUAL, _late_ones, at_night=True),
)
