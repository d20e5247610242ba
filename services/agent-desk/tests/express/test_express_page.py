"""An express decision is taken, made into a document, and its notification proved. Nothing typed is lost."""

import html
import re

import pytest

from guichet.contracts.case_commands import AddNote, StateFact
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.audit.trail import Act
from guichet.store.notes import WORDS
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, TERRACE

WHY = "Le trottoir est trop étroit <ici>."


def put(hall, case, *facts, procedure=TERRACE):
    told = (StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=procedure), *facts)
    now = case.model_copy(update={"received_at": ARRIVED, "facts": told})
    hall.cases.put(now)
    return now


def at(case, rest=""):
    return f"/demandes/{case.reference}/decision{rest}"


def sound(page, fields, hall):
    day = paris_date(hall.clock()).isoformat()
    who = {"given_name": "Nadia", "surname": "Ferrière", "capacity": "Maire", "place": "Exemple", "day": day}
    what = {"outcome": "refused", "reasons": WHY, "remedies": "Deux mois.", "subject": "Terrasse"}
    return {**fields(page), **what, **who, "recipient": "Mme Le Goff\n00000 Exemple", "delegation": "Par arrêté n° 3"}


async def guards(karim, case):
    """Return what the page of a case says against closing it."""
    page = (await karim.get(f"/demandes/{case.reference}")).text
    [said] = re.findall(r'name="closes_despite" value="([^"]*)"', page)
    return said.split()


async def taken(karim, hall, cases, fields):
    """Return the case once a decision was taken, with its command."""
    case = put(hall, cases["hole"])
    page = await karim.get(at(case))
    assert (await karim.post(at(case), data=sound(page, fields, hall))).status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    return put(hall, case, command.fact), command


async def test_the_form_says_what_is_known_already(karim, hall, cases):
    case = put(hall, cases["hole"])
    page = html.unescape((await karim.get(at(case))).text).replace("\u00a0", " ")
    for known in (
        'value="Karim"',
        'value="Haddad"',
        'value="Terrasse sur le domaine public"',
        "Contre ce rejet, vous disposez de deux mois",
        f'value="{paris_date(hall.clock()).isoformat()}"',
    ):
        assert known in page
    delays = await karim.get(f"/demandes/{case.reference}/delais")
    assert f'href="{at(case)}"' in delays.text


async def test_a_decision_is_one_fact_with_its_words_sealed(karim, hall, cases, fields):
    case = put(hall, cases["hole"])
    form = sound(await karim.get(at(case)), fields, hall)
    for _ in range(2):
        answer = await karim.post(at(case), data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{at(case)}?fait=decision")
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, StateFact)
    assert (first.event_id, first.fact) == (second.event_id, second.fact)
    assert (first.fact.event, first.fact.value) == (FactKind.DECISION_TAKEN, "refused")
    assert first.fact.at == start_of_day(paris_date(hall.clock()))
    (note,) = (await hall.notes.find_many([first.fact.decision.words])).values()
    key = (await hall.vault.open_keys([note.words.key_id]))[note.words.key_id]
    words = WORDS.open(key, note.note_id, note.words)
    assert (note.case_id, note.author) == (case.case_id, "agent-12")
    assert WHY in words
    assert "Nadia" in words
    assert WHY not in first.model_dump_json()


@pytest.mark.parametrize(("refuses", "status"), [(None, 422), ("case-changed", 409)])
async def test_what_was_typed_is_never_lost(karim, hall, cases, fields, refuses, status):
    case = put(hall, cases["hole"])
    form = sound(await karim.get(at(case)), fields, hall)
    if refuses is None:
        form["capacity"] = ""
    hall.publisher.refuses = refuses
    answer = await karim.post(at(case), data=form)
    assert answer.status_code == status
    text = html.unescape(answer.text)
    for typed in (WHY, "Deux mois.", "Mme Le Goff\n00000 Exemple", 'value="Ferrière"', 'value="Par arrêté n° 3"'):
        assert typed in text
    assert 'value="refused" required checked' in text


async def test_until_its_notification_is_proved_silence_runs(karim, hall, cases, fields):
    case, command = await taken(karim, hall, cases, fields)
    assert await guards(karim, case) == ["unanswered", "silence"], "taken is not notified: silence runs on"
    page = (await karim.get(at(case))).text.replace("\u00a0", " ")
    assert "preuve de notification à apporter : le silence court toujours" in page
    day = paris_date(hall.clock()).isoformat()
    form = {**fields(await karim.get(at(case))), "way": "posted", "notified_on": day}
    refused = await karim.post(at(case, "/notification"), data=form)
    assert refused.status_code == 422
    assert "Indiquez le numéro du bordereau." in refused.text
    assert 'value="posted" required checked' in refused.text
    hall.publisher.refuses = "case-changed"
    refused = await karim.post(at(case, "/notification"), data={**form, "proof": "1A 233"})
    assert (refused.status_code, "1A 233" in refused.text) == (409, True)
    assert [type(each) for each in hall.publisher.on(CASE_COMMANDS)[1:]] == [StateFact], "no proof of what is not so"
    hall.publisher.refuses = None
    answer = await karim.post(at(case, "/notification"), data={**form, "proof": "1A 234"})
    assert answer.status_code == 303
    stated, added = hall.publisher.on(CASE_COMMANDS)[2:]
    assert isinstance(added, AddNote)
    assert (stated.fact.event, stated.fact.way) == (FactKind.DECISION_NOTIFIED, "posted")
    assert "1A 234" not in stated.model_dump_json() + added.model_dump_json()
    case = put(hall, case, command.fact, stated.fact)
    page = (await karim.get(at(case))).text.replace("\u00a0", " ")
    assert "le silence court toujours" not in page
    assert "Notifiée le" in page
    assert await guards(karim, case) == ["unanswered"]


async def test_its_document_is_for_who_may_answer_and_noted(karim, sign_in, hall, cases, fields):
    case, command = await taken(karim, hall, cases, fields)
    address = at(case, f"/{command.fact.decision.words}.pdf")
    answer = await karim.get(address)
    assert answer.headers["content-disposition"] == f'attachment; filename="decision-{case.reference}.pdf"'
    assert hall.typesetting.last.said["decided"] == "La demande est rejetée."
    assert hall.typesetting.last.said["reasons"]["paragraphs"] == [WHY]
    read = [each.thing for each in hall.audit.entries if each.act is Act.READ]
    assert read[-1] == "decision-document"
    assert (await karim.get(at(case, "/another.pdf"))).status_code == 404
    beside = await sign_in("in-synthesis")
    assert {(await beside.get(each)).status_code for each in (address, at(case))} == {404}


async def test_words_that_were_erased_are_said_to_be(karim, hall, cases, fields):
    case, command = await taken(karim, hall, cases, fields)
    (note,) = (await hall.notes.find_many([command.fact.decision.words])).values()
    await hall.vault.destroy_keys([note.words.key_id])
    page = await karim.get(at(case))
    assert "Contenu effacé." in page.text
    assert (await karim.get(at(case, f"/{note.note_id}.pdf"))).status_code == 404


async def test_that_nothing_lacked_is_said_where_silence_accepts(karim, hall, cases, fields):
    case = put(hall, cases["hole"], procedure=GARLAND)
    page = await karim.get(f"/demandes/{case.reference}/delais")
    assert "Le dossier était complet" in page.text
    form = {**fields(page), "kind": "file-complete"}
    stating = f"/demandes/{case.reference}/qualification"
    unsure = await karim.post(stating, data=form)
    assert unsure.status_code == 422
    assert "Cochez la case" in unsure.text
    assert (await karim.post(stating, data={**form, "value": "oui"})).status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert command.fact == StatedFact(event="file-complete", at=command.occurred_at)
    case = put(hall, case, command.fact, procedure=GARLAND)
    assert "Le dossier était complet" not in (await karim.get(f"/demandes/{case.reference}/delais")).text
    assert "Le dossier était complet" not in (await karim.get(f"/demandes/{put(hall, case).reference}/delais")).text
