"""What is done with many cases at once, and files of a case: pages that a case or a list leads to."""

import io
from typing import Final

from PIL import Image, ImageDraw
from playwright.async_api import expect

from agent_desk.handlers.cases.antivirus import Antivirus, UnscannedError
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.documents.typeset import Typescript, Typesetter, UntypesetError
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from tests.gallery.exhibit import Exhibit, State
from tests.gallery.visit import Visit

PREPARED, ACTS, ACT = "POST /traitements/apercu", "GET /traitements", "GET /traitements/{bulk}"
VIEWED = "GET /demandes/{reference}/fichiers/{message}/{number}/vue"
_NAMES: Final = ("hole", "lamp", "shared")


class _Away(Antivirus):
    """An antivirus that does not answer."""

    @property
    def is_there(self) -> bool:
        return True

    async def found_in(self, content: bytes) -> str | None:
        raise UnscannedError("away")


class _TooLong(Typesetter):
    async def typeset(self, typescript: Typescript) -> bytes:
        raise UntypesetError


async def _ticked(visit: Visit) -> TownHall:
    """Open a list in which cases are ticked, one of which its closing guards hold back."""
    hall = TownHall()
    cases = await a_busy_morning(hall)
    for name in _NAMES[1:]:
        hall.cases.put(cases[name].model_copy(update={"state": CaseState.WAITING_FOR_CITIZEN}))
    await visit.enter(hall)
    await visit.goto("/demandes")
    for name in _NAMES:
        await visit.page.locator(f'input[value="{cases[name].reference}"]').check()
    return hall


async def _press(visit: Visit, button: str) -> None:
    await visit.page.get_by_role("button", name=button, exact=True).click()


async def _to_close(visit: Visit) -> None:
    await _ticked(visit)
    await _press(visit, "Clore…")
    await expect(visit.page.get_by_role("button", name="Lancer")).to_be_visible()


async def _to_answer(visit: Visit) -> None:
    await _ticked(visit)
    await _press(visit, "Répondre et clore…")
    await visit.page.locator("#words").fill("Bonjour {{usager}},\n\nC’est fait.")
    await _press(visit, "Aperçu")
    await expect(visit.page.locator("#titre-apercu")).to_be_visible()


async def _without_words(visit: Visit) -> None:
    await _ticked(visit)
    await _press(visit, "Transmettre…")
    await visit.page.locator("form:has(#department)").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _begun(visit: Visit) -> TownHall:
    hall = await _ticked(visit)
    await _press(visit, "Clore…")
    await visit.page.locator("#despite").check()
    await _press(visit, "Lancer")
    await expect(visit.page.locator("#chiffre")).to_be_visible()
    return hall


async def _goes_on(visit: Visit) -> None:
    await _begun(visit)


async def _ended(visit: Visit) -> None:
    hall = await _begun(visit)
    hall.publisher.refuses = "case-changed"
    for _ in range(6):
        await hall.bulk_giving().go_on()
    await visit.page.reload()
    await expect(visit.page.get_by_role("heading", name="À reprendre une par une")).to_be_visible()


async def _no_acts(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/traitements")


async def _acts(visit: Visit) -> None:
    await _begun(visit)
    await visit.goto("/traitements")


# --- files


def photograph() -> bytes:
    """Return a JPEG of a hole in a street."""
    made, image = io.BytesIO(), Image.new("RGB", (1200, 900), (206, 214, 210))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 520, 1200, 900), fill=(120, 124, 120))
    draw.ellipse((420, 600, 760, 760), fill=(52, 50, 48))
    image.save(made, "JPEG")
    return made.getvalue()


async def _with_files(visit: Visit, hall: TownHall) -> CaseRecord:
    files = {f"trou-{number}.jpg": photograph() for number in (1, 2, 3)} | {"plan du quartier.docx": b"x"}
    case = await hall.open_case("album", subject="Nid-de-poule", text="Voici des photos et un plan.", files=files)
    await visit.enter(hall)
    return case


async def _pictures(visit: Visit) -> None:
    case = await _with_files(visit, TownHall())
    await visit.goto(f"/demandes/{case.reference}")
    await expect(visit.page.locator(".thumb")).to_have_count(3)


async def _over_the_case(visit: Visit) -> None:
    await _pictures(visit)
    await visit.page.locator(".thumb").first.click()
    await expect(visit.page.locator("#loupe .picture-large")).to_have_js_property("complete", value=True)


async def _viewed(visit: Visit) -> None:
    case = await _with_files(visit, TownHall())
    await visit.goto(f"/demandes/{case.reference}/fichiers/{case.opened_by}/1/vue")


async def _withheld(visit: Visit) -> None:
    case = await _with_files(visit, TownHall(antivirus=_Away()))
    await visit.goto(f"/demandes/{case.reference}/fichiers/{case.opened_by}/1")


async def _untypeset(visit: Visit) -> None:
    case = await _with_files(visit, TownHall(typesetting=_TooLong()))
    await visit.goto(f"/demandes/{case.reference}/dossier.pdf")


async def _previewed(visit: Visit) -> None:
    hall = TownHall()
    cases = await a_busy_morning(hall)
    await visit.enter(hall)
    await visit.goto(f"/demandes/{cases['lamp'].reference}")
    await visit.page.locator("#text").fill("Bonjour,\n\nNous passons demain.")
    await visit.page.locator("form[action$=reponse]").evaluate(
        "form => { form.action = form.action.replace(/reponse$/, 'apercu'); form.submit() }"
    )
    await visit.page.wait_for_url("**/apercu")


SCENES: Final = (
    Exhibit("ensemble-a-clore", PREPARED, State.ASKED_FIRST, _to_close),
    Exhibit("ensemble-a-repondre", PREPARED, State.ASKED_FIRST, _to_answer),
    Exhibit("ensemble-refuse", PREPARED, State.REFUSED, _without_words),
    Exhibit("traitements-aucun", ACTS, State.EMPTY, _no_acts),
    Exhibit("traitements", ACTS, State.USUAL, _acts),
    Exhibit("traitement", ACT, State.UNDER_WAY, _goes_on),
    Exhibit("traitement-fini", ACT, State.DONE, _ended),
    Exhibit("demande-photos", "GET /demandes/{reference}", State.USUAL, _pictures),
    Exhibit("demande-loupe", "GET /demandes/{reference}", State.USUAL, _over_the_case),
    Exhibit("fichier", VIEWED, State.USUAL, _viewed),
    Exhibit("fichier-retenu", "GET /demandes/{reference}/fichiers/{message}/{number}", State.HELPER_AWAY, _withheld),
    Exhibit("dossier-trop-long", "GET /demandes/{reference}/dossier.pdf", State.REFUSED, _untypeset),
    Exhibit("apercu", "POST /demandes/{reference}/apercu", State.USUAL, _previewed),
)
