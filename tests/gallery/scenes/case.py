"""One case: what it may have in it, who may see how much of it, and what is in the way."""

from datetime import timedelta
from typing import Final

from playwright.async_api import expect

from agent_desk.domain.composer.departure import HOLD
from guichet.case.history import HistoryEntry
from guichet.case.newest import Said
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import MessageFiled
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import DateDoubt, DateSource
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import DepartmentId, EventId, MessageId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import KEY, mail, phone
from tests.gallery.exhibit import Exhibit, Scene, State
from tests.gallery.visit import KARIM, Visit

CASE = "GET /demandes/{reference}"
SIGN_OF_LIFE: Final = "Nous passons demain matin."


async def a_case(
    visit: Visit, name: str, who: str = KARIM, hall: TownHall | None = None
) -> tuple[TownHall, CaseRecord]:
    """Open a case of a busy morning, by its name there."""
    hall = hall or TownHall()
    cases = await a_busy_morning(hall)
    await visit.enter(hall, who)
    await visit.goto(f"/demandes/{cases[name].reference}")
    return hall, cases[name]


def _of_the_morning(name: str) -> Scene:
    async def scene(visit: Visit) -> None:
        await a_case(visit, name)

    return scene


async def _unfolded(visit: Visit) -> None:
    await a_case(visit, "hole")
    for summary in await visit.page.locator("#contenu summary:visible").all():
        await summary.click()


async def _note(visit: Visit) -> None:
    await a_case(visit, "hole")
    await visit.page.locator("label[for=mode-note]").click()
    for summary in await visit.page.locator("#composer summary:visible").all():
        await summary.click()


async def _long(visit: Visit) -> None:
    hall = TownHall()
    case = await hall.open_case("long", subject="Ralentisseur rue des Lilas", text="Bonjour.")
    entries = []
    for nth in range(1, 130):
        at = ARRIVED + timedelta(minutes=nth)
        said = InboundContent(sender=(mail(f"usager-{nth}@courriel.example"),), text=f"Toujours rien, {nth}e rappel.")
        await hall.receive(case, said, message_id=MessageId(f"long-{nth:05}"), at=at)
        entries.append(
            HistoryEntry(case_id=case.case_id, version=nth + 1, type="CommandRefused", at=at, by="agent-12", state="x")
        )
    case = hall.happened(case, *entries)
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}")


async def _unverified(visit: Visit) -> None:
    hall = TownHall()
    streets, home = hall.town.sector_of(DepartmentId("voirie")), mail("famille.roux@courriel.example")
    people = [await hall.register(name, home) for name in ("Anne Roux", "Marc Roux")]
    candidates = tuple(sector_citizen_id(KEY, streets, person) for person in people)
    case = await hall.open_case(
        "doubt", subject="Ma demande de place réservée", sender=(home,), candidates=candidates, unverified=True
    )
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}")


async def _who_wrote(visit: Visit) -> None:
    await _unverified(visit)
    await visit.page.get_by_label("J’ai vérifié autrement").check()
    await visit.page.get_by_role("button", name="Continuer").click()
    await expect(visit.page.get_by_role("group", name="Qui a écrit ?")).to_be_visible()


async def _held_up(visit: Visit) -> None:
    hall = TownHall()
    writes = (mail("jeanne@courriel.example"),)
    case, later = await hall.open_case("held-up", subject="Banc cassé", sender=writes), MessageId("held-up-later")
    content = InboundContent(sender=writes, text="Toujours cassé.")
    await hall.receive(case, content, message_id=later, at=ARRIVED + timedelta(hours=1))
    held = {"received_at": ARRIVED - timedelta(days=9), "dated_by": DateSource.MAILBOX}
    for message, dates in ((case.opened_by, held), (later, {"date_doubt": DateDoubt.IN_THE_FUTURE})):
        hall.messages.messages[message] = hall.messages.messages[message].model_copy(update=dates)
    hall.cases.put(case.model_copy(update={"received_at": held["received_at"]}))
    await hall.send(case, "Votre demande est enregistrée.", purpose=Purpose.AEE, at=ARRIVED + timedelta(minutes=1))
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}")


async def _failed(visit: Visit) -> None:
    hall = TownHall()
    number, address = phone("+33639982222"), mail("lea.martin@courriel.example")
    lea = await hall.register("Léa Martin", number, address)
    case = await hall.open_case(
        "texted",
        subject="Trottoir affaissé",
        text="Le trottoir s’affaisse.",
        citizen=lea,
        sender=(number,),
        channel="sms",
    )
    answer = await hall.send(
        case, SIGN_OF_LIFE, purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-12"
    )
    about = {"case_id": case.case_id, "at": ARRIVED + timedelta(minutes=5), "message_id": answer}
    asked = HistoryEntry(version=2, type="ReplyRequested", by="agent-12", **about)
    told = HistoryEntry(version=3, type="DeliveryRecorded", state="failed", **about)
    case = hall.happened(case, asked, told, deliveries={answer: "failed"}, unsent=(answer,))
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}")


async def _snoozed(visit: Visit) -> None:
    hall, case = await a_case(visit, "hole")
    hall.cases.put(
        case.model_copy(
            update={"snoozed_until": hall.clock() + timedelta(days=3), "at_rest": True, "assignee": "agent-12"}
        )
    )
    await visit.page.reload()


async def _tampered(visit: Visit) -> None:
    hall, case = await a_case(visit, "hole")
    hall.cases.put(case.model_copy(update={"subject": tampered(case.subject)}))
    message = hall.messages.messages[case.opened_by]
    hall.messages.messages[case.opened_by] = message.model_copy(update={"content": tampered(message.content)})
    people = hall.registry.citizens
    people[:] = [each.model_copy(update={"record": tampered(each.record)}) for each in people]
    await visit.page.reload()


async def _erased(visit: Visit) -> None:
    hall, case = await a_case(visit, "hole")
    keys = {message.content.key_id for message in hall.messages.messages.values() if message.filed == case.case_id}
    await hall.vault.destroy_keys([*keys, case.subject.key_id])
    await visit.page.reload()


async def _store_away(visit: Visit) -> None:
    hall, _ = await a_case(visit, "hole")
    hall.cases.away = True
    await visit.page.reload()


async def _store_away_while_answering(visit: Visit) -> None:
    hall, _ = await a_case(visit, "hole")
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    hall.cases.away = True
    await _send(visit)
    await expect(visit.page.locator("h1")).not_to_contain_text("Nid-de-poule")


async def _not_there(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/demandes/2026-0000-000")


async def _news(visit: Visit) -> None:
    hall, case = await a_case(visit, "hole")
    await write_meanwhile(hall, case)
    await expect(visit.page.locator("#nouveau")).to_contain_text("Message de l’usager")


async def write_meanwhile(hall: TownHall, case: CaseRecord) -> None:
    """Let the citizen write while the case's page is open."""
    again, at = MessageId("f" * 32), ARRIVED + timedelta(hours=2)
    words = InboundContent(sender=(mail("jeanne.moreau@courriel.example"),), text="Un second trou.")
    await hall.receive(case, words, message_id=again, at=at)
    entry = HistoryEntry(case_id=case.case_id, version=case.version + 1, type="MessageFiled", at=at, message_id=again)
    hall.happened(case, entry, newest=(*case.newest, Said(id=again)), last_inbound=again)
    hall.feed.put(
        MessageFiled(
            event_id=EventId(f"event-{case.case_id}"), occurred_at=at, case_id=case.case_id, reference=case.reference,
            version=case.version + 1, caused_by="x", sector=case.sector, department=case.department,
            citizen=case.citizen, message_id=again, channel=case.channel, received_at=at,
        )
    )  # fmt: skip


async def _send(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Envoyer la réponse").click()


async def _overtaken(visit: Visit) -> None:
    hall, case = await a_case(visit, "hole")
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await write_meanwhile(hall, case)
    hall.publisher.refuses = "case-changed"
    await _send(visit)
    await expect(visit.page.locator("#refus")).to_be_focused()


async def _under_way(visit: Visit) -> None:
    hall, _ = await a_case(visit, "hole")
    hall.publisher.is_away = True
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await _send(visit)
    await expect(visit.page.get_by_text("Envoi de la réponse en cours.")).to_be_visible()


async def _answered(visit: Visit) -> None:
    await a_case(visit, "lamp")
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await _send(visit)
    await expect(visit.page.get_by_text("Réponse prise en compte")).to_be_visible()


async def _wrong(visit: Visit) -> None:
    await a_case(visit, "lamp")
    await visit.page.locator("form[action$=reponse]").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _broker_away(visit: Visit) -> None:
    hall, _ = await a_case(visit, "hole")
    hall.publisher.away = True
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await _send(visit)
    await expect(visit.page.locator("#depart")).to_contain_text(SIGN_OF_LIFE)
    hall.clock.now += 2 * HOLD
    await expect(visit.page.locator("#depart")).to_contain_text("n’est pas encore partie")


async def _handed_over_while_the_broker_is_away(visit: Visit) -> None:
    hall, _ = await a_case(visit, "hole")
    hall.publisher.away = True
    await visit.page.get_by_text("Transmettre à un autre service").click()
    await visit.page.locator("#department").select_option("ccas")
    await visit.page.locator("#reason").fill("Relève de l’action sociale.")
    await visit.page.get_by_role("button", name="Transmettre", exact=True).click()
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _signed_out(visit: Visit) -> None:
    await a_case(visit, "hole")
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await visit.context.clear_cookies()
    await visit.page.locator("form[action$=reponse]").evaluate("form => form.submit()")
    await visit.page.wait_for_url("**/reponse")


async def _stale_form(visit: Visit) -> None:
    await a_case(visit, "hole")
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await visit.page.locator("form[action$=reponse] [name=form_token]").evaluate("field => { field.value = 'x' }")
    await visit.page.locator("form[action$=reponse]").evaluate("form => form.submit()")
    await visit.page.wait_for_url("**/reponse")


async def _leaving(visit: Visit) -> None:
    await a_case(visit, "lamp", hall=TownHall(undo=timedelta(seconds=10)))
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await _send(visit)
    await expect(visit.page.get_by_role("button", name="Annuler l’envoi")).to_be_visible()


async def _synthesis(visit: Visit) -> None:
    await a_case(visit, "hole", "in-synthesis", TownHall(town=profiled_town()))


async def _reason(visit: Visit) -> None:
    await a_case(visit, "hole", "with-a-reason", TownHall(town=profiled_town()))


async def _caller(visit: Visit) -> None:
    await a_case(visit, "hole", "for-callers", TownHall(town=profiled_town()))


async def _to_be_signed(visit: Visit) -> None:
    await a_case(visit, "lamp", "writes-unsigned", TownHall(town=profiled_town()))
    await visit.page.locator("#text").fill(SIGN_OF_LIFE)
    await visit.page.get_by_role("button", name="signature").first.click()
    await expect(visit.page.get_by_text("signature").first).to_be_visible()


async def _to_sign(visit: Visit) -> None:
    await _to_be_signed(visit)
    await visit.page.wait_for_load_state()
    await visit.context.clear_cookies(name="session")
    await visit.sign_in("answers")
    await visit.page.reload()


SCENES: Final = (
    Exhibit("demande", CASE, State.USUAL, _of_the_morning("hole"), at_night=True),
    Exhibit("demande-depliee", CASE, State.USUAL, _unfolded),
    Exhibit("demande-sms", CASE, State.ONE, _of_the_morning("lamp")),
    Exhibit("demande-adresse-partagee", CASE, State.USUAL, _of_the_morning("shared")),
    Exhibit("demande-automatique", CASE, State.USUAL, _of_the_morning("machine")),
    Exhibit("demande-close", CASE, State.DONE, _of_the_morning("closed")),
    Exhibit("demande-note", CASE, State.USUAL, _note),
    Exhibit("demande-longue", CASE, State.THOUSANDS, _long),
    Exhibit("demande-a-verifier", CASE, State.ASKED_FIRST, _unverified),
    Exhibit("demande-qui-a-ecrit", CASE, State.ASKED_FIRST, _who_wrote),
    Exhibit("demande-retardee", CASE, State.USUAL, _held_up),
    Exhibit("demande-echec", CASE, State.REFUSED, _failed),
    Exhibit("demande-en-attente", CASE, State.USUAL, _snoozed),
    Exhibit("demande-alteree", CASE, State.TAMPERED, _tampered),
    Exhibit("demande-effacee", CASE, State.EMPTY, _erased),
    Exhibit("demande-base-absente", CASE, State.STORE_AWAY, _store_away),
    Exhibit("demande-base-absente-reponse", CASE, State.STORE_AWAY, _store_away_while_answering),
    Exhibit("demande-absente", CASE, State.DENIED, _not_there),
    Exhibit("demande-nouveau", CASE, State.OVERTAKEN, _news),
    Exhibit("demande-depassee", CASE, State.OVERTAKEN, _overtaken, at_night=True),
    Exhibit("demande-en-cours", CASE, State.UNDER_WAY, _under_way),
    Exhibit("demande-repondue", CASE, State.DONE, _answered),
    Exhibit("demande-incorrecte", CASE, State.REFUSED, _wrong),
    Exhibit("demande-courtier-absent", CASE, State.BROKER_AWAY, _broker_away),
    Exhibit("demande-transmission-courtier-absent", CASE, State.BROKER_AWAY, _handed_over_while_the_broker_is_away),
    Exhibit("demande-deconnecte", CASE, State.SIGNED_OUT, _signed_out),
    Exhibit("demande-formulaire-perime", CASE, State.SIGNED_OUT, _stale_form),
    Exhibit("demande-depart", CASE, State.UNDER_WAY, _leaving),
    Exhibit("demande-synthese", CASE, State.USUAL, _synthesis),
    Exhibit("demande-motif", CASE, State.ASKED_FIRST, _reason),
    Exhibit("demande-appelant", CASE, State.ASKED_FIRST, _caller),
    Exhibit("demande-soumise", CASE, State.UNDER_WAY, _to_be_signed),
    Exhibit("demande-a-signer", CASE, State.ASKED_FIRST, _to_sign, at_night=True),
)
