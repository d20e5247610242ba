"""An express decision: its form, what lacks in it, and once it is taken what is still to be proved."""

from datetime import date
from typing import Final

from agent_desk.domain.express.decision_words import DecisionWords, written
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import NoteId
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.notes import WORDS, Note
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, TERRACE, clocked_town
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from tests.gallery.exhibit import Exhibit, Scene, State
from tests.gallery.visit import Visit

PAGE: Final = "GET /demandes/{reference}/decision"
REASONS: Final = "Le trottoir mesure 2,10 m. La terrasse demandée laisserait 0,90 m aux piétons, au lieu de 1,40 m."


async def _hall(visit: Visit, *facts: StatedFact, path: str, procedure: str = TERRACE) -> None:
    hall = TownHall(town=clocked_town())
    cases = await a_busy_morning(hall)
    told = (StatedFact.model_validate({"event": "procedure-confirmed", "at": ARRIVED, "procedure": procedure}), *facts)
    case = cases["hole"].model_copy(update={"received_at": ARRIVED, "facts": told})
    hall.cases.put(case)
    day = paris_date(hall.clock())
    for fact in facts:
        if fact.decision is not None:
            (key,) = await hall.vault.new_keys(1)
            note = fact.decision.words
            sealed = WORDS.seal(key, note, written(_words(day)))
            await hall.notes.insert(Note(_id=note, case_id=case.case_id, author="agent-12", at=ARRIVED, words=sealed))
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}{path}")


def _words(day: date) -> DecisionWords:
    return DecisionWords(
        outcome="refused",
        day=day,
        subject="Terrasse sur le domaine public",
        recipient="Mme Odile Besson\n4, rue des Tilleuls\n00000 Saint-Aubin-des-Prés",
        reasons=REASONS,
        remedies="Vous disposez de deux mois pour saisir le tribunal administratif.",
        given_name="Nadia",
        surname="Ferrière",
        capacity="Adjointe à l’urbanisme",
        delegation="Pour le maire et par délégation (arrêté n° 12 du 3 mars 2026),",
        place="Saint-Aubin-des-Prés",
    )


def _of(*facts: StatedFact, path: str = "/decision", procedure: str = TERRACE) -> Scene:
    async def scene(visit: Visit) -> None:
        await _hall(visit, *facts, path=path, procedure=procedure)

    return scene


def _taken() -> StatedFact:
    said = {"outcome": "refused", "words": NoteId("decision-words")}
    at = start_of_day(paris_date(ARRIVED))
    return StatedFact.model_validate({"event": FactKind.DECISION_TAKEN, "at": at, "decision": said})


async def _lacking(visit: Visit) -> None:
    await _hall(visit, path="/decision")
    await visit.page.get_by_label("Demande refusée").check()
    await visit.page.locator("#recipient").fill("Mme Odile Besson\n4, rue des Tilleuls\n00000 Saint-Aubin-des-Prés")
    await visit.page.get_by_role("button", name="Enregistrer la décision").click()
    await visit.page.get_by_role("alert").wait_for()


SCENES: Final = (
    Exhibit("decision-a-prendre", PAGE, State.USUAL, _of(), at_night=True),
    Exhibit("decision-sans-motifs", PAGE, State.REFUSED, _lacking),
    Exhibit("decision-a-notifier", PAGE, State.DONE, _of(_taken()), at_night=True),
    Exhibit("delais-dossier-complet", "GET /demandes/{reference}/delais", State.USUAL, _of(path="/delais", procedure=GARLAND)),
)  # fmt: skip
