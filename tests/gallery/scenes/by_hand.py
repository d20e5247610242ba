"""What is taken down: calls and visits, letters from their scan on, and answers that are kept for many."""

import io
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, expect

from agent_desk.domain.composer.saved_answer_form import OWN
from agent_desk.domain.entered.other_request import entered_as
from agent_desk.domain.letters.scanned import ScannedLetter, UnreadableScanError
from agent_desk.handlers.letters.read_scans import ReadScans
from agent_desk.handlers.letters.recognise_text import RecogniseText
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import MessageId, case_id
from guichet.store.letters import REMINDED_AFTER
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import KEY, mail, phone
from tests.gallery.exhibit import Exhibit, State
from tests.gallery.scenes.lists import search_files_of
from tests.gallery.visit import Visit

CALL, LETTERS, LETTER = "GET /saisie", "GET /saisie/courriers", "GET /saisie/courriers/{batch}/{number}"
OTHER = "GET /demandes/{reference}/messages/{joined}/saisie"
KEPT, ONE_KEPT = "GET /reponses-types", "GET /reponses-types/{answer}"
_WORDS: Final = (
    "Jean-Baptiste Ollivier\n22, avenue Foch\n\nMonsieur le Maire,\n\nObjet : refus d’abonnement\n\n"
    "Portable : 06 39 98 66 20\n\nBonjour, je conteste le refus\nde mon abonnement de stationnement."
)
UNREADABLE: Final = b"unreadable"
_LATER: Final = MessageId("a" * 32)


class Stack(ReadScans):
    """What a reader of scans finds: one letter a file, of one page."""

    async def read(self, files: Sequence[bytes], mark: str, *, as_one: bool = False) -> list[ScannedLetter]:
        if UNREADABLE in files:
            raise UnreadableScanError("unreadable")
        return [ScannedLetter(1, file, sha256(file).hexdigest(), (_page(),)) for file in files]


class Eyes(RecogniseText):
    """What is recognised on each page."""

    async def read(self, picture: bytes) -> str:
        return _WORDS


def _page() -> bytes:
    made, sheet = io.BytesIO(), Image.new("RGB", (1000, 1414), (251, 250, 246))
    ImageDraw.Draw(sheet).multiline_text((110, 140), _WORDS, fill=(40, 40, 60), font_size=30, spacing=18)
    sheet.save(made, "JPEG")
    return made.getvalue()


async def _call(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/saisie")


async def _call_known(visit: Visit) -> None:
    hall = TownHall()
    number = phone("+33639987654")
    citizen = await hall.register("Irène Kessler", number, mail("irene.kessler@courriel.example"))
    known = {"citizen": citizen, "sender": (number,), "called": "Irène Kessler"}
    await hall.open_case("pipe", subject="Conduite percée rue des Forges", **known)
    await hall.open_case("bench", subject="Banc cassé", minutes=40, **known)
    await search_files_of(visit, hall)
    await visit.enter(hall)
    await visit.goto("/saisie")
    await visit.page.locator("#address").press_sequentially("06 39 98 76 54")
    await expect(visit.page.locator("#personnes-dites")).to_have_text("1 personne connue")


async def _call_without_search(visit: Visit) -> None:
    await _call(visit)
    async with visit.page.expect_response("**/saisie/personnes"):
        await visit.page.locator("#name").press_sequentially("Kessler")
    await visit.page.wait_for_load_state()


async def _call_wrong(visit: Visit) -> None:
    await _call(visit)
    await visit.page.locator("#name").fill("Irène Kessler")
    await visit.page.locator("form:has(#subject)").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _call_broker_away(visit: Visit) -> None:
    hall = TownHall()
    await visit.enter(hall)
    await visit.goto("/saisie")
    hall.publisher.away = True
    await _take_down(visit)
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _call_taken(visit: Visit) -> None:
    await _call(visit)
    await _take_down(visit)
    await expect(visit.page.locator("h1")).to_have_text("Demande enregistrée")


async def _take_down(visit: Visit) -> None:
    for field, words in (("name", "Irène Kessler"), ("subject", "Conduite percée"), ("text", "Cela coule encore.")):
        await visit.page.locator(f"#{field}").fill(words)
    await visit.page.keyboard.press("Control+Enter")


# --- what is asked within another request


async def _other_request(visit: Visit) -> TownHall:
    hall = TownHall()
    number = phone("+33639981111")
    case = await hall.open_case("lamp", text="Le lampadaire clignote.", sender=(number,), channel="sms")
    asked = InboundContent(sender=(number,), text="Et comment avoir un acte de naissance ?", display_name="Amadou Sarr")
    picture = {"livret de famille.jpg": b"\xff\xd8\xff"}
    await hall.receive(case, asked, message_id=_LATER, at=ARRIVED + timedelta(hours=3), files=picture)
    await visit.enter(hall)
    await visit.goto(f"/demandes/{case.reference}")
    await visit.page.get_by_role("link", name="C’est une autre demande").click()
    await visit.page.wait_for_url("**/saisie")
    return hall


async def _another(visit: Visit) -> None:
    await _other_request(visit)


async def _another_wrong(visit: Visit) -> None:
    await _other_request(visit)
    await visit.page.locator("#text").fill("")
    await visit.page.locator("form:has(#subject)").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _another_broker_away(visit: Visit) -> None:
    hall = await _other_request(visit)
    hall.publisher.away = True
    await visit.page.locator("#text").press("Control+Enter")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _another_entered(visit: Visit) -> None:
    hall = await _other_request(visit)
    name = entered_as(KEY, hall.messages.messages[_LATER])
    entered = hall.messages.messages[_LATER].model_copy(update={"message_id": name, "filed": case_id(name)})
    hall.messages.messages[name] = entered
    hall.cases.put(a_case(_id=case_id(name), reference="2026-7F3K-29Q", sector="voirie-espace-public", channel="sms"))
    await visit.page.reload()
    await expect(visit.page.get_by_role("status").first).to_contain_text("2026-7F3K-29Q")


# --- letters


async def _letters(visit: Visit, *scans: bytes) -> TownHall:
    hall = TownHall(scans=Stack(), recognise=Eyes())
    await visit.enter(hall)
    await visit.goto("/saisie/courriers")
    if scans:
        uploaded = [
            FilePayload(name=f"{nth}.pdf", mimeType="application/pdf", buffer=scan) for nth, scan in enumerate(scans)
        ]
        await visit.page.locator("#scans").set_input_files(uploaded)
        await visit.page.locator("#stamp").fill("2026-11-23")
        await visit.page.locator("#kept_at").fill("Boîte 41")
        await visit.page.locator("form:has(#scans)").evaluate("form => form.submit()")
        await visit.page.wait_for_load_state()
    return hall


async def _no_letters(visit: Visit) -> None:
    await _letters(visit)


async def _letter(visit: Visit) -> None:
    await _letters(visit, b"one", b"two", b"three")
    await visit.page.wait_for_url("**/1")


async def _letters_wait(visit: Visit) -> None:
    hall = await _letters(visit, b"one", b"two", b"three")
    await visit.page.wait_for_url("**/1")
    for name, each in hall.letters.letters.items():
        hall.letters.letters[name] = each.model_copy(update={"added_at": hall.clock.now - REMINDED_AFTER})
    await visit.goto("/saisie/courriers")
    await expect(visit.page.get_by_text("depuis 7 jours", exact=True)).to_be_visible()


async def _letters_refused(visit: Visit) -> None:
    await _letters(visit, UNREADABLE)
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _letter_wrong(visit: Visit) -> None:
    await _letter(visit)
    await visit.page.locator("#subject").fill("")
    await visit.page.locator("form:has(#subject)").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _letter_broker_away(visit: Visit) -> None:
    hall = await _letters(visit, b"one", b"two")
    await visit.page.wait_for_url("**/1")
    hall.publisher.away = True
    for field, words in (
        ("name", "Jean-Baptiste Ollivier"),
        ("subject", "Refus d’abonnement"),
        ("text", "Il conteste."),
    ):
        await visit.page.locator(f"#{field}").fill(words)
    await visit.page.locator("form:has(#subject)").evaluate("form => { form.noValidate = true; form.submit() }")
    await visit.page.wait_for_load_state()


async def _sheets(visit: Visit) -> None:
    await _letters(visit)
    await visit.goto("/saisie/courriers/intercalaires")


# --- answers for many


async def _none_kept(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/reponses-types")


async def _kept(visit: Visit) -> None:
    hall = TownHall()
    await a_busy_morning(hall)
    await visit.enter(hall)
    for nth, (title, whose) in enumerate((("Nid-de-poule signalé", "voirie"), ("Ma formule de politesse", ""))):
        said = {"title": title, "text": "Bonjour {{usager}},\nnous passons.", "whose": whose or OWN}
        await visit.post("/reponses-types/nouvelle", once=f"{nth:032}", **said)
    await visit.goto("/reponses-types")


async def _new_kept(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/reponses-types/nouvelle")


async def _kept_wrong(visit: Visit) -> None:
    await _new_kept(visit)
    await visit.page.locator("#text").fill("Bonjour {{prénom}},")
    await visit.page.locator("form:has(#title)").evaluate("form => { form.noValidate = true; form.submit() }")
    await visit.page.wait_for_load_state()


SCENES: Final = (
    Exhibit("saisie", CALL, State.USUAL, _call, at_night=True),
    Exhibit("saisie-personne-connue", CALL, State.ONE, _call_known),
    Exhibit("saisie-recherche-absente", CALL, State.HELPER_AWAY, _call_without_search),
    Exhibit("saisie-refusee", CALL, State.REFUSED, _call_wrong),
    Exhibit("saisie-courtier-absent", CALL, State.BROKER_AWAY, _call_broker_away),
    Exhibit("saisie-faite", "GET /saisie/faite", State.DONE, _call_taken),
    Exhibit("autre-demande", OTHER, State.USUAL, _another, at_night=True),
    Exhibit("autre-demande-refusee", OTHER, State.REFUSED, _another_wrong),
    Exhibit("autre-demande-courtier-absent", OTHER, State.BROKER_AWAY, _another_broker_away),
    Exhibit("autre-demande-deja-ouverte", OTHER, State.DONE, _another_entered),
    Exhibit("courriers-aucun", LETTERS, State.EMPTY, _no_letters),
    Exhibit("courriers", LETTERS, State.USUAL, _letters_wait),
    Exhibit("courriers-illisible", LETTERS, State.REFUSED, _letters_refused),
    Exhibit("courriers-intercalaires", "GET /saisie/courriers/intercalaires", State.USUAL, _sheets),
    Exhibit("courrier", LETTER, State.USUAL, _letter),
    Exhibit("courrier-refuse", LETTER, State.REFUSED, _letter_wrong),
    Exhibit("courrier-courtier-absent", LETTER, State.BROKER_AWAY, _letter_broker_away),
    Exhibit("reponses-types-aucune", KEPT, State.EMPTY, _none_kept),
    Exhibit("reponses-types", KEPT, State.USUAL, _kept),
    Exhibit("reponse-type", ONE_KEPT, State.USUAL, _new_kept),
    Exhibit("reponse-type-refusee", ONE_KEPT, State.REFUSED, _kept_wrong),
)
