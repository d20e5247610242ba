"""What an agent may do with a case that they see: the forms that their page has, and what becomes of the others."""

from dataclasses import replace

import pytest

from guichet.ids import DepartmentId
from guichet.store.audit.trail import Act
from guichet_testing.builders.profiled_town import POTHOLE, profiled_town
from guichet_testing.doors.desk_on_twins import TownHall

FORMS = {
    "reponse": {"text": "Bonjour"},
    "transmission": {"department": "proprete", "reason": "À eux"},
    "cloture": {},
    "abus": {"ground": "number", "abuse_reason": "Trop", "sure": "oui"},
    "abus/levee": {},
    "attribution": {"to": "-"},
    "notes": {"note": "Vu sur place."},
    "attente": {"until": "-"},
}
WORK = {"attribution", "notes", "attente"}
MAY = {
    "reads-alone": set(),
    "exports": set(),
    "writes-unsigned": WORK,
    "signs-unwritten": set(),
    "answers": {"reponse", *WORK},
    "closes": {"cloture", "abus", "abus/levee"},
    "reroutes": {"transmission"},
    "synthesis-beside": {*FORMS},
}


@pytest.mark.parametrize("name", MAY)
async def test_a_page_has_the_forms_of_what_its_reader_may_do_and_no_other_is_taken(sign_in, hall, cases, fields, name):
    browser, here = await sign_in(name), f"/demandes/{cases['hole'].reference}"
    page = await browser.get(here)
    assert page.status_code == 200
    assert {form for form in FORMS if f'action="{here}/{form}"' in page.text} == MAY[name]
    sheet = {"once": "0" * 32, "shown": "", **fields(page)}
    for form, typed in FORMS.items():
        if form in MAY[name]:
            continue
        answer = await browser.post(f"{here}/{form}", data={**sheet, **typed})
        assert answer.status_code == 403
        assert hall.audit.entries[-1].act is Act.NOT_ALLOWED
        assert "Votre profil ne le permet pas" in answer.text
        for words in ("text", "note"):
            assert typed.get(words, "") in answer.text, "what was typed is not lost"
    assert hall.publisher.published == []


async def test_who_may_do_it_is_obeyed(sign_in, hall, cases, fields):
    """Or the refusals above would prove nothing."""
    here = f"/demandes/{cases['hole'].reference}"
    for name, done in MAY.items():
        browser = await sign_in(name)
        for form in sorted(done & {"transmission", "cloture"}):
            answer = await browser.post(f"{here}/{form}", data={**fields(await browser.get(here)), **FORMS[form]})
            assert answer.status_code == 303, (name, form)


async def test_who_may_not_answer_is_offered_no_identity_to_confirm_and_no_delivery_to_settle(sign_in, hall, fields):
    case = await hall.open_case("doubt", subject="Trou", unverified=True, candidates=("someone",), undecided=("out",))
    here = f"/demandes/{case.reference}"
    browser = await sign_in("reads-alone")
    page = await browser.get(here)
    assert "/identite" not in page.text
    assert "/envois/" not in page.text
    sheet = {"once": "0" * 32, "shown": "", **fields(page)}
    for form in ("identite", "envois/out"):
        assert (await browser.post(f"{here}/{form}", data={**sheet, "settlement": "received"})).status_code == 403


class TestOfSomeProceduresOfTwoDepartments:
    @pytest.fixture
    def hall(self) -> TownHall:
        town = profiled_town()
        both = {"departments": (DepartmentId("voirie"), DepartmentId("proprete"))}
        agents = [
            each.model_copy(update=both if each.agent_id == "of-a-procedure" else {}) for each in town.staff.agents
        ]
        return TownHall(town=replace(town, staff=replace(town.staff, agents=tuple(agents))))

    async def test_who_hands_over_a_case_whose_procedure_stays_behind_is_led_to_the_list(self, sign_in, hall, fields):
        """The other department is theirs, too, and the case, which names no procedure any more, is not."""
        case = await hall.open_case("hole", subject="Trou", procedure=POTHOLE)
        browser, here = await sign_in("of-a-procedure"), f"/demandes/{case.reference}"
        form = {**fields(await browser.get(here)), "department": "proprete", "reason": "À eux"}
        answer = await browser.post(f"{here}/transmission", data=form)
        assert answer.headers["location"] == f"/demandes?fait=transmission&de={case.reference}"
        assert "Transmission prise en compte." in (await browser.get(answer.headers["location"])).text
