"""On paper: an answer is written, printed for a window envelope and said to be posted; acceptance is attested."""

from datetime import timedelta
from typing import Final

from guichet.case.history import HistoryEntry
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import AgentId
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, clocked_town
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from tests.gallery.exhibit import Exhibit, Scene, State
from tests.gallery.visit import Visit

LETTER: Final = "GET /demandes/{reference}/envois/{outbound_id}/lettre"
ATTESTATION: Final = "GET /demandes/{reference}/attestation"
_SIGNED: Final = "Madame,\n\nVotre chaussée est réparée.\n\nKarim Haddad\nAgent, Voirie et éclairage public"


async def _written(visit: Visit) -> None:
    hall = TownHall()
    cases = await a_busy_morning(hall)
    await visit.enter(hall)
    await visit.goto(f"/demandes/{cases['hole'].reference}/courrier")


async def _asked(visit: Visit) -> None:
    """Have a question stand in a letter to print."""
    hall = TownHall()
    cases = await a_busy_morning(hall)
    await visit.enter(hall)
    await visit.goto(f"/demandes/{cases['hole'].reference}/question?par=courrier")
    await visit.page.get_by_label("Ce que vous demandez").first.fill("Où est le trou ?")
    await visit.page.get_by_role("button", name="Mettre dans la lettre").click()
    await visit.page.locator("#pieces-demandees").wait_for()


async def _answered(visit: Visit) -> tuple[str, str]:
    """Return a case with an answer that waits to be posted, and where it is printed."""
    hall = TownHall()
    await a_busy_morning(hall)
    who = await hall.register("Aïcha Le Goff", address="22, avenue du Général-de-Gaulle, 99999 Saint-Aubin-des-Prés")
    case = await hall.open_case("by-letter", subject="Ma chaussée", citizen=who)
    agent, at = AgentId("agent-12"), case.updated_at
    sent = await hall.send(case, _SIGNED, purpose=Purpose.REPLY, at=at, author=agent)
    asked = HistoryEntry(case_id=case.case_id, version=8, type="ReplyRequested", at=at, message_id=sent, by=agent)
    told = HistoryEntry(
        case_id=case.case_id, version=9, type="DeliveryRecorded", at=at, message_id=sent, state="withheld",
        code="not-electronic",
    )  # fmt: skip
    hall.happened(case, asked, told, deliveries={sent: DeliveryState.WITHHELD})
    await visit.enter(hall)
    return f"/demandes/{case.reference}", f"/demandes/{case.reference}/envois/{sent}/lettre"


async def _on_the_case(visit: Visit) -> None:
    case, _ = await _answered(visit)
    await visit.goto(case)


async def _to_print(visit: Visit) -> None:
    _, letter = await _answered(visit)
    await visit.goto(letter)


async def _unfit(visit: Visit) -> None:
    await _to_print(visit)
    await visit.page.locator("#recipient").fill("\n".join("abcdefg"))
    await visit.page.get_by_role("button", name="Enregistrer la lettre").click()
    await visit.page.get_by_role("alert").wait_for()


def _attested(*facts: StatedFact) -> Scene:
    async def scene(visit: Visit) -> None:
        hall = TownHall(town=clocked_town())
        cases = await a_busy_morning(hall)
        confirmed = StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=ARRIVED, procedure=GARLAND)
        case = cases["hole"].model_copy(update={"received_at": ARRIVED, "facts": (confirmed, *facts)})
        hall.cases.put(case)
        hall.clock.now += timedelta(days=30)
        await visit.enter(hall)
        await visit.goto(f"/demandes/{case.reference}/attestation")

    return scene


SCENES: Final = (
    Exhibit("reponse-par-lettre", "GET /demandes/{reference}/courrier", State.USUAL, _written, at_night=True),
    Exhibit("question-par-lettre", "GET /demandes/{reference}/courrier", State.ASKED_FIRST, _asked),
    Exhibit("demande-a-poster", "GET /demandes/{reference}", State.USUAL, _on_the_case),
    Exhibit("lettre", LETTER, State.USUAL, _to_print),
    Exhibit("lettre-adresse", LETTER, State.REFUSED, _unfit),
    Exhibit("attestation", ATTESTATION, State.USUAL, _attested(StatedFact(event=FactKind.FILE_COMPLETE, at=ARRIVED))),
    Exhibit("attestation-aucune", ATTESTATION, State.EMPTY, _attested()),
)
