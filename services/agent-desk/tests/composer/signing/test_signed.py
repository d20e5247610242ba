"""Four eyes: who may write an answer but not sign it submits it, and who may sign finds and sends it."""

import re

from guichet.case.newest import Said
from guichet.contracts.case_commands import CloseCase, SendReply
from guichet.contracts.case_events import CaseState
from guichet.ids import DepartmentId
from guichet.store.audit.trail import Act
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.vault.fields import open_one
from guichet_testing.doors.answers_to_sign import (
    DRAFTER,
    SHOWN,
    SIGNER,
    TEXT,
    VIEW,
    acts_of,
    draft_in,
    given_by,
    here,
    sheet,
    words_of,
)
from guichet_testing.doors.filled_hall import mail, phone


async def test_who_may_not_sign_submits_it_and_nothing_leaves(drafter, hall, lamp, submit):
    page = (await drafter.get(here(lamp))).text
    assert "Soumettre à signature" in page
    assert "Envoyer la réponse" not in page
    _, answer = await submit()
    assert answer.headers["location"] == here(lamp) + "#a-signer-mienne"
    page = (await drafter.get(here(lamp))).text
    assert "Votre réponse attend une signature" in page
    assert SHOWN in page
    assert 'id="text"' not in page
    assert given_by(hall) == []
    assert Act.SUBMITTED in acts_of(hall, DRAFTER)
    draft = draft_in(hall, lamp)
    assert (draft.to_sign.department, draft.is_over, await words_of(hall, lamp)) == (lamp.department, False, TEXT)


async def test_who_signs_finds_it_counted_in_a_view_and_nobody_else_does(drafter, signer, hall, lamp, submit, sign_in):
    assert "a-signer" not in (await signer.get("/demandes")).text
    await submit()
    assert re.search(
        r'vue=a-signer"[^>]*>À signer\s*<span class="count" id="n-to-sign">1<', (await signer.get("/demandes")).text
    )
    assert lamp.reference in (await signer.get(VIEW)).text
    assert lamp.reference in (await signer.get("/demandes/liste?vue=a-signer")).text
    for name in ("signs-unwritten", "reads-alone", DRAFTER):
        browser = await sign_in(name)
        assert lamp.reference not in (await browser.get(VIEW)).text
        assert "n-to-sign" not in (await browser.get("/demandes")).text


async def test_the_file_of_what_waits_is_of_all_of_it_and_no_page(
    sign_in, hall, lamp, drafter, submit, fields, monkeypatch
):
    monkeypatch.setattr("agent_desk.domain.cases.case_query.ROWS", 1)
    waiting = [lamp, *[await hall.open_case(f"street-{number}", minutes=20 + number) for number in range(2)]]
    for case in waiting:
        form = {**fields(await drafter.get(here(case))), "text": TEXT}
        assert (await drafter.post(here(case, "signature"), data=form)).status_code == 303
    karim = await sign_in("karim.haddad")
    lines = (await karim.get("/demandes/export.csv?vue=a-signer")).text.strip().splitlines()
    assert len(lines) == 1 + len(waiting)
    (token, *_) = re.findall(r'name="form_token" value="([^"]+)"', (await karim.get("/demandes")).text)
    ticked = {"form_token": token, "act": "cloture", "toute": "oui"}
    page = (await karim.post("/traitements/apercu?vue=a-signer", data=ticked)).text
    assert all(f'name="case" value="{case.reference}"' in page for case in waiting)


async def test_signed_it_leaves_in_the_name_of_who_signs_and_names_its_author(signer, hall, lamp, submit):
    await submit(awaits_answer="oui")
    page = await signer.get(here(lamp))
    assert "Réponse de writes-unsigned, soumise à signature" in page.text
    assert 'name="awaits_answer" value="oui" checked' in page.text
    form = sheet(page, text=TEXT + " Merci.", awaits_answer="oui")
    answer = await signer.post(here(lamp, "a-signer"), data=form)
    assert answer.status_code == 303
    [command] = given_by(hall)
    assert (type(command), command.issued_by, command.drafted_by, command.awaits_answer) == (
        SendReply,
        SIGNER,
        DRAFTER,
        True,
    )
    kept = hall.messages.messages[command.outbound_id]
    assert (kept.author, kept.drafted_by) == (SIGNER, DRAFTER)
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(kept.message_id, kept.content))
    assert said.text.startswith(TEXT + " Merci.\n\nanswers\n")
    [signed] = [each for each in hall.audit.entries if each.act is Act.SIGNED]
    assert (signed.agent, signed.things[2]) == (SIGNER, DRAFTER)
    draft = draft_in(hall, lamp)
    assert (draft.is_over, draft.to_sign, draft.signing, await words_of(hall, lamp)) == (True, None, None, "")
    assert lamp.reference not in (await signer.get(VIEW)).text


async def test_it_goes_the_way_that_its_author_chose_unless_who_signs_chooses_another(
    drafter, signer, hall, cases, fields
):
    lea = await hall.register("Léa Martin", phone("+33639982222"), mail("lea.martin@courriel.example"))
    case = await hall.open_case("texted", citizen=lea, sender=(phone("+33639982222"),), channel="sms")
    page = await drafter.get(here(case))
    [way] = re.findall(r'name="way" value="(\w+)"', page.text)
    waits = await drafter.post(here(case, "signature"), data={**fields(page), "text": TEXT, "way": way})
    assert waits.status_code == 303
    known = list(hall.registry.identifiers)
    hall.registry.identifiers[:] = [each for each in known if each.kind == "phone"]
    page = await signer.get(here(case))
    assert not re.search(r'type="radio"[^>]* name="way"[^>]* checked', page.text)
    assert (await signer.post(here(case, "a-signer"), data=sheet(page, text=TEXT, way=way))).status_code == 422
    hall.registry.identifiers[:] = known
    page = await signer.get(here(case))
    assert f'name="way" value="{way}" checked' in page.text
    assert (await signer.post(here(case, "a-signer"), data=sheet(page, text=TEXT, way=way))).status_code == 303
    [command] = given_by(hall)
    assert command.goes_by == "email"
    kept = hall.messages.messages[command.outbound_id]
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(kept.message_id, kept.content))
    assert said.to == mail("lea.martin@courriel.example")


async def test_what_is_sent_instead_of_what_failed_asks_at_signing_whether_it_still_did_and_then_leaves(
    signer, hall, lamp, submit
):
    failed = lamp.model_copy(update={"deliveries": {"answer-1": "failed"}, "unsent": ("answer-1",)})
    hall.cases.put(failed)
    await submit(instead_of="answer-1")
    page = await signer.get(here(lamp))
    hall.cases.put(failed.model_copy(update={"unsent": ()}))
    told = await signer.post(here(lamp, "a-signer"), data=sheet(page, text=TEXT))
    assert told.status_code == 422
    assert "est arrivé, repart, ou une autre réponse" in told.text
    assert given_by(hall) == []
    assert (await signer.post(here(lamp, "a-signer"), data=sheet(told, text=TEXT))).status_code == 303
    assert [each.instead_of for each in given_by(hall)] == [None]


async def test_what_is_signed_says_instead_of_what_it_goes(signer, hall, lamp, submit):
    hall.cases.put(lamp.model_copy(update={"deliveries": {"answer-1": "failed"}, "unsent": ("answer-1",)}))
    await submit(instead_of="answer-1")
    page = await signer.get(here(lamp))
    assert (await signer.post(here(lamp, "a-signer"), data=sheet(page, text=TEXT))).status_code == 303
    assert [each.instead_of for each in given_by(hall)] == ["answer-1"]


async def test_signed_and_closed_in_one(signer, hall, lamp, submit, sign_in):
    await submit()
    karim = await sign_in("karim.haddad")
    form = sheet(await karim.get(here(lamp)), text=TEXT, then="close")
    assert (await karim.post(here(lamp, "a-signer"), data=form)).status_code == 303
    assert [type(each) for each in given_by(hall)] == [SendReply, CloseCase]
    form = sheet(await signer.get(here(lamp)), text=TEXT, then="close", signs="x")
    assert (await signer.post(here(lamp, "a-signer"), data=form)).status_code == 403, "who may not close"


async def test_of_two_who_sign_one_does_and_the_other_is_told(signer, sign_in, hall, lamp, submit):
    await submit()
    karim = await sign_in("karim.haddad")
    one, two = sheet(await signer.get(here(lamp)), text=TEXT), sheet(await karim.get(here(lamp)), text=TEXT + " Bien.")
    assert (await signer.post(here(lamp, "a-signer"), data=one)).status_code == 303
    answer = await karim.post(here(lamp, "a-signer"), data=two)
    assert answer.status_code == 409
    assert "Bien." in answer.text
    assert (await signer.post(here(lamp, "a-signer"), data=one)).status_code in {303, 409}, "sent twice"
    assert len({each.event_id for each in given_by(hall)}) == 1


async def test_what_a_colleague_corrected_meanwhile_is_shown_before_it_is_signed(signer, sign_in, hall, lamp, submit):
    await submit()
    karim = await sign_in("karim.haddad")
    seen = sheet(await karim.get(here(lamp)), text=TEXT)
    typed = sheet(await signer.get(here(lamp)), text=TEXT + " Soyez là.")
    kept = await signer.post(here(lamp, "a-signer", "texte"), data=typed, headers={"HX-Request": "true"})
    assert "Brouillon gardé" in kept.text
    assert (await signer.post(here(lamp, "a-signer", "texte"), data=typed)).status_code == 303
    answer = await karim.post(here(lamp, "a-signer"), data=seen)
    assert answer.status_code == 409
    assert "Soyez là." in answer.text
    assert given_by(hall) == []
    again = sheet(answer, text=TEXT + " Soyez là.")
    assert (await karim.post(here(lamp, "a-signer"), data=again)).status_code == 303


async def test_a_form_sent_twice_submits_once(drafter, hall, lamp, submit):
    form, _ = await submit()
    before = draft_in(hall, lamp)
    assert (await drafter.post(here(lamp, "signature"), data=form)).status_code == 303
    late = await drafter.post(here(lamp, "brouillon"), data={**form, "text": "x"}, headers={"HX-Request": "true"})
    assert "Pas gardé" in late.text
    assert draft_in(hall, lamp) == before


async def test_a_stale_form_with_other_words_is_told_that_they_are_not_what_waits(drafter, hall, lamp, submit):
    form, _ = await submit()
    before = draft_in(hall, lamp)
    for other in ({"text": "Nous passons <jeudi>."}, {"attached": "0" * 32}):
        answer = await drafter.post(here(lamp, "signature"), data={**form, **other})
        assert answer.status_code == 409
        assert draft_in(hall, lamp) == before
    answer = await drafter.post(here(lamp, "signature"), data={**form, "text": "Nous passons <jeudi>."})
    assert "Nous passons &lt;jeudi&gt;." in answer.text, "what was typed is not lost"
    assert (await drafter.post(here(lamp, "signature"), data=form)).status_code == 303


async def test_in_a_closed_case_nothing_waits_any_more(signer, hall, lamp, submit):
    await submit()
    hall.cases.put(lamp.model_copy(update={"state": CaseState.CLOSED}))
    assert "n-to-sign" not in (await signer.get("/demandes")).text
    assert (draft_in(hall, lamp).to_sign, await words_of(hall, lamp)) == (None, TEXT)


async def test_it_goes_with_its_case_to_another_department(sign_in, signer, hall, lamp, submit):
    await submit()
    hall.cases.put(lamp.model_copy(update={"department": DepartmentId("proprete")}))
    assert "n-to-sign" not in (await signer.get("/demandes")).text
    [there] = [each for each in hall.town.agents if "proprete" in each.departments][:1]
    browser = await sign_in(there.sign_in)
    assert "soumise à signature" in (await browser.get(here(lamp))).text
    assert lamp.reference in (await browser.get(VIEW)).text


async def test_what_came_since_it_was_written_is_told_beside_it(signer, hall, lamp, submit):
    await submit()
    assert "Arrivé depuis" not in (await signer.get(here(lamp))).text
    draft = draft_in(hall, lamp)
    hall.drafts.drafts[draft.draft_id] = draft.model_copy(update={"shown": "b" * 32})
    newest = (Said(id="b" * 32), Said(id=lamp.opened_by))
    hall.cases.put(lamp.model_copy(update={"newest": newest}))
    page = (await signer.get(here(lamp))).text
    assert "Arrivé depuis la rédaction de la réponse" in page
