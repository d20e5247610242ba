"""One answer to many cases: each its own words, channel and reference; what a single form asks about is left out."""

import re
from datetime import timedelta

import pytest

from agent_desk.domain.bulk.form_names import KIND_NAMED
from agent_desk.domain.composer.saved_answer_form import OWN
from agent_desk.domain.decisions.given_command import AWAITED_FOR
from guichet.contracts.case_commands import CloseCase, SendReply
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import MessageId, derive_id
from guichet.store.audit.trail import Act
from guichet.store.bulk.acts import BulkKind
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet_testing.doors.filled_hall import mail

TEXT = "Bonjour {{usager}}, l’arbre est enlevé ({{référence}})."


def values(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page.text)


async def prepare(browser, *cases, words=TEXT, **more):
    token = values(await browser.get("/demandes"), "form_token")[0]
    ticked = [case.reference for case in cases]
    fields = {"form_token": token, "act": "reponse", "case": ticked, "words": words, "signed": "oui"}
    return await browser.post("/traitements/apercu", data={**fields, **more})


async def begin(browser, page, words=TEXT, **typed):
    one = {name: values(page, name)[0] for name in ("form_token", "once", "told", "act")}
    many = {"case": values(page, "case"), "seen": values(page, "seen")}
    return await browser.post("/traitements", data={**one, **many, "words": words, "signed": "oui", **typed})


async def run(hall, rounds=4):
    for _ in range(rounds):
        await hall.bulk_giving().go_on()


async def said(hall, command):
    answer = hall.messages.messages[command.outbound_id]
    key = (await hall.vault.open_keys([answer.content.key_id]))[answer.content.key_id]
    return answer, OUTBOUND_CONTENT.open(key, command.outbound_id, answer.content).text


def left_out(page):
    part = page.text.partition('id="laissees"')[2].partition("</section>")[0]
    return re.findall(r'<a href="/demandes/([^"]+)">.*?<span class="because">([^<]*)</span>', part)


async def test_each_gets_its_own_words_by_its_own_channel(karim, hall, cases):
    hole, lamp = cases["hole"], cases["lamp"]
    page = await prepare(karim, hole, lamp)
    assert "Courriel (1), SMS (1)" in page.text or "SMS (1), Courriel (1)" in page.text
    assert "Bonjour Jeanne Moreau, l’arbre est enlevé" in page.text
    assert (await begin(karim, page)).status_code == 303
    assert all(b"Moreau" not in row.words.box for row in hall.bulk_cases.rows.values())
    await run(hall)
    commands = {each.case_id: each for each in hall.publisher.on(CASE_COMMANDS)}
    assert {type(each) for each in commands.values()} == {SendReply}
    for case, name in ((hole, "Jeanne Moreau"), (lamp, "Amadou Sarr")):
        command = commands[case.case_id]
        answer, text = await said(hall, command)
        assert text.startswith(f"Bonjour {name}, l’arbre est enlevé ({case.reference}).\n\nKarim Haddad")
        assert (answer.channel, answer.author, command.answers) == (case.channel, "agent-12", case.last_inbound)
        assert command.shown == case.newest_said
    assert sum(each.act is Act.REPLIED for each in hall.audit.entries) == 2


async def test_any_of_them_is_shown_as_its_citizen_will_see_it(karim, cases):
    page = await prepare(karim, cases["hole"], cases["lamp"], voir=cases["lamp"].reference)
    seen = page.text.partition('id="apercu"')[2].partition('name="read"')[0]
    assert "Bonjour Amadou Sarr" in seen
    assert f"Aperçu de la demande {cases['lamp'].reference}" in seen


async def test_a_saved_answer_is_put_in_with_its_variables(karim, hall, cases):
    form = {"form_token": values(await karim.get("/demandes"), "form_token")[0], "once": "1" * 32}
    saved = {**form, "title": "Arbre", "text": "Arbre : {{référence}}", "whose": OWN}
    assert (await karim.post("/reponses-types/nouvelle", data=saved)).status_code == 303
    offered = (await prepare(karim, cases["hole"], words="")).text
    (answer,) = re.findall(r'<option value="([0-9a-f]{32})">Arbre', offered)
    page = await prepare(karim, cases["hole"], words="", saved=answer, inserer="oui")
    assert ">Arbre : {{référence}}</textarea>" in page.text


async def test_words_that_were_typed_when_a_session_ended_are_on_the_page_that_says_so(karim, hall, cases):
    page = await prepare(karim, cases["hole"])
    await hall.sessions.end_all("agent-12")
    answer = await begin(karim, page)
    assert answer.status_code == 401
    assert "l’arbre est enlevé" in answer.text


async def test_what_a_single_form_asks_about_is_left_out_with_why(karim, hall, cases):
    stranger = await hall.open_case("stranger", sender=(mail("inconnu@courriel.example"),))
    page = await prepare(karim, cases["hole"], stranger)
    assert dict(left_out(page)).keys() == {stranger.reference}
    page = await prepare(karim, cases["hole"], cases["lamp"], words="{{objet}}")
    assert left_out(page) == [(cases["lamp"].reference, "«\xa0{{objet}}\xa0» n’y est pas connu")]


@pytest.mark.parametrize("act", ["reponse", "reponse-cloture"])
async def test_a_variable_that_nobody_knows_is_named_and_once_corrected_they_leave(karim, hall, cases, act):
    waited_for = cases["hole"].model_copy(update={"call_back_at": hall.clock.now})
    hall.cases.put(waited_for)
    page = await prepare(karim, waited_for, words="{{inconnu}} {{référence}}", act=act)
    assert "«\xa0{{inconnu}}\xa0» n’est pas une variable" in page.text
    again = await begin(karim, page, "Corrigé.", then="close" if act == "reponse-cloture" else "")
    if act == "reponse-cloture":
        assert again.status_code == 422
        assert "Aucune demande ne peut être traitée ainsi" not in again.text
        assert "cochez la case pour clore quand même" in again.text
        again = await begin(karim, again, "Corrigé.", then="close", despite="oui")
    assert again.status_code == 303


async def test_answered_each_is_closed_behind_its_answer(karim, hall, cases):
    hole, lamp = cases["hole"], cases["lamp"]
    assert {*re.findall(r'name="act" value="([^"]+)"', (await karim.get("/demandes")).text)} == {*KIND_NAMED}
    page = await prepare(karim, hole, lamp, act="reponse-cloture")
    assert "Répondre à 2 demandes et les clore" in page.text
    assert 'name="then" value="close" checked' in page.text
    here = (await begin(karim, page, then="close")).headers["location"]
    await run(hall)
    given = hall.publisher.on(CASE_COMMANDS)
    assert {each.issued_by for each in given} == {"agent-12"}
    for case in (hole, lamp):
        answer, closing = (each for each in given if each.case_id == case.case_id)
        assert (type(answer), type(closing)) == (SendReply, CloseCase)
        assert answer.shown == closing.shown == case.newest_said
    noted = [each.act for each in hall.audit.entries if each.act in {Act.REPLIED, Act.CLOSED}]
    assert noted == [Act.REPLIED, Act.CLOSED] * 2
    page = await karim.get(here)
    assert "Répondre et clore" in page.text
    assert "2 sur 2 demandes" in page.text


async def test_what_is_not_closed_silently_is_not_answered_either_unless_one_says_so(karim, hall, cases):
    waited_for = cases["hole"].model_copy(update={"call_back_at": hall.clock.now})
    hall.cases.put(waited_for)
    page = await prepare(karim, waited_for, cases["lamp"], act="reponse-cloture")
    assert "Confirmez pour clore 1 demande" in page.text
    await begin(karim, page, then="close")
    await run(hall)
    assert {each.case_id for each in hall.publisher.on(CASE_COMMANDS)} == {cases["lamp"].case_id}
    page = await prepare(karim, waited_for, act="reponse-cloture")
    assert (await begin(karim, page, then="close")).status_code == 422
    assert (await begin(karim, page, then="close", despite="oui")).status_code == 303
    await run(hall)
    closed = [each.case_id for each in hall.publisher.on(CASE_COMMANDS) if isinstance(each, CloseCase)]
    assert closed == [cases["lamp"].case_id, waited_for.case_id]


@pytest.mark.parametrize("then", ["close", "cloture"])
async def test_a_closing_without_an_answer_is_confirmed_whatever_else_its_form_says(karim, cases, then):
    page = await prepare(karim, cases["lamp"], act="cloture", then=then)
    assert "Confirmez pour clore 1 demande" in page.text


async def test_what_follows_an_answer_is_one_thing(karim, hall, cases):
    page = await prepare(karim, cases["lamp"], act="reponse-cloture", then="awaits_answer")
    assert 'name="then" value="awaits_answer" checked' in page.text
    assert (await begin(karim, page, then="close", awaits_answer="oui")).status_code == 303
    assert (await begin(karim, page, then="awaits_answer")).status_code == 303
    begun = [(act.kind, act.awaits_answer) for act in hall.bulk_acts.acts.values()]
    assert begun == [(BulkKind.REPLY_AND_CLOSE, False), (BulkKind.REPLY, True)]


async def test_a_page_of_the_version_before_says_by_a_box_that_an_answer_is_awaited(karim, hall, cases):
    page = await prepare(karim, cases["lamp"])
    assert (await begin(karim, page, awaits_answer="oui")).status_code == 303
    assert [act.awaits_answer for act in hall.bulk_acts.acts.values()] == [True]


async def test_of_an_answer_that_left_without_the_closing_its_page_says_so(karim, hall, cases):
    hall.publisher.is_away = True
    page = await prepare(karim, cases["hole"], cases["lamp"], act="reponse-cloture")
    here = (await begin(karim, page, then="close")).headers["location"]
    await run(hall)
    answer, closing, other_answer, other_closing = hall.publisher.on(CASE_COMMANDS)
    await hall.publisher.decide(answer)
    hall.publisher.refuses = "case-changed"
    await hall.publisher.decide(closing, other_closing)
    await run(hall)
    assert "<dt>Refusées</dt><dd>1</dd>" in (await karim.get(here)).text, "of the other answer nothing is known yet"
    await hall.publisher.decide(other_answer)
    await run(hall)
    page = (await karim.get(here)).text
    assert page.count("la réponse est partie, mais la demande n’est pas close") == 1
    assert f"?suite=cloture-{closing.event_id}-" in page
    assert f"?suite=reponse-{other_answer.event_id}-" in page
    assert page.count("l’arbre est enlevé") == 1, "the words of the one that did not leave"


@pytest.mark.parametrize("decided", ["in-time", "late"])
async def test_an_answer_that_left_is_not_offered_again_where_nobody_decides_its_closing(karim, hall, cases, decided):
    hall.publisher.is_away = True
    page = await prepare(karim, cases["hole"], act="reponse-cloture")
    here = (await begin(karim, page, then="close")).headers["location"]
    await run(hall)
    answer, closing = hall.publisher.on(CASE_COMMANDS)
    if decided == "in-time":
        await hall.publisher.decide(answer)
    await run(hall)
    hall.clock.now += AWAITED_FOR + timedelta(seconds=1)
    hall.bulk_acts.lapse()
    await run(hall)
    if decided == "late":
        assert "l’arbre est enlevé" in (await karim.get(here)).text, "nothing is known of it yet"
        await hall.publisher.decide(answer)
    page = (await karim.get(here)).text
    assert "<dt>Sans confirmation</dt><dd>1</dd>" in page
    assert "la réponse est partie, mais rien n’est venu confirmer que la demande est close" in page
    assert "l’arbre est enlevé" not in page
    await hall.publisher.decide(closing)
    assert "<dt>Faites</dt><dd>1</dd>" in (await karim.get(here)).text


async def test_what_looks_forgotten_is_asked_once_for_all(karim, hall, cases):
    words = "Bonjour, voir la pièce ci-jointe, ou Mme Durand (durand@ailleurs.example)."
    page = await prepare(karim, cases["hole"], cases["lamp"], words=words)
    again = await begin(karim, page, words)
    assert again.status_code == 422
    assert hall.bulk_acts.acts == {}
    (asked,) = values(again, "read")
    assert (await begin(karim, again, words, read=asked)).status_code == 303
    await run(hall)
    assert len(hall.publisher.on(CASE_COMMANDS)) == 2


async def test_nothing_leaves_without_words(karim, hall, cases):
    page = await prepare(karim, cases["hole"], words=" ")
    assert (await begin(karim, page, " ")).status_code == 422
    assert hall.bulk_acts.acts == {}


@pytest.mark.parametrize("meanwhile", ["elsewhere", "closed"])
async def test_what_changed_before_its_turn_is_not_answered_and_its_words_come_back(karim, hall, cases, meanwhile):
    hole = cases["hole"]
    here = (await begin(karim, await prepare(karim, hole, cases["lamp"]))).headers["location"]
    if meanwhile == "closed":
        hall.cases.put(hole.model_copy(update={"state": CaseState.CLOSED}))
    else:
        later = MessageId(derive_id("test-message", "later"))
        content = InboundContent(sender=(mail("quelquun@ailleurs.example"),), text="Répondez-moi ici.")
        await hall.receive(hole, content, message_id=later, at=hall.clock())
        hall.cases.put(hole.model_copy(update={"last_inbound": later}))
    await run(hall)
    assert [each.case_id for each in hall.publisher.on(CASE_COMMANDS)] == [cases["lamp"].case_id]
    page = await karim.get(here)
    assert "À reprendre une par une" in page.text
    assert "Bonjour Jeanne Moreau, l’arbre est enlevé" in page.text


async def test_words_of_a_case_that_its_author_sees_no_longer_stay_closed(karim, hall, cases):
    hole = cases["hole"]
    here = (await begin(karim, await prepare(karim, hole, cases["lamp"]))).headers["location"]
    hall.cases.put(hole.model_copy(update={"department": "ccas", "sector": hall.town.sector_of("ccas")}))
    await run(hall)
    page = await karim.get(here)
    assert "vous ne la voyez plus" in page.text
    assert "Jeanne Moreau" not in page.text


async def test_what_the_router_refused_is_given_back_by_its_cases_page(karim, hall, cases):
    here = (await begin(karim, await prepare(karim, cases["hole"]))).headers["location"]
    hall.publisher.refuses = "case-changed"
    await run(hall)
    page = await karim.get(here)
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert f"/demandes/{cases['hole'].reference}?suite=reponse-{command.event_id}-" in page.text
