"""Sealed bytes that somebody changed at rest cost the page the part they stood for, and nothing else."""

import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.topics import CASE_COMMANDS
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.vault.sealing import broken_key
from guichet_testing.builders.tampered import altered, is_alarmed, tampered
from guichet_testing.doors.desk_on_twins import TownHall


@pytest.fixture(autouse=True)
def calm() -> None:
    for cause in ("case", "citizen", "identifier", "message"):
        clear_alarm(Alarm.TAMPERED, cause)


NOT_SHOWN = "Cette partie ne peut pas être affichée\xa0: elle a été altérée, ou sa clé manque."
WORDS = "Un trou d’au moins vingt centimètres"
ANSWER = "Merci pour votre signalement"


def put(hall: TownHall, case: CaseRecord, **changed: object) -> None:
    hall.cases.put(case.model_copy(update=changed))


def alter_subject(hall, cases):
    put(hall, cases["hole"], subject=tampered(cases["hole"].subject))


def alter_links(hall, cases):
    put(hall, cases["shared"], linked_to=tampered(cases["shared"].linked_to))


def alter_reason(hall, cases):
    [given] = [entry for entry in hall.history.of(cases["hole"].case_id) if entry.reason is not None]
    hall.history.put(given.model_copy(update={"reason": tampered(given.reason)}))


def alter_message(hall, cases):
    _alter_content(hall, cases["hole"].opened_by)


def alter_answer(hall, cases):
    history = hall.history.of(cases["hole"].case_id)
    _alter_content(hall, next(entry.message_id for entry in history if entry.type == "ReplyRequested"))


def _alter_content(hall, name):
    message = hall.messages.messages[name]
    hall.messages.messages[name] = message.model_copy(update={"content": tampered(message.content)})


def alter_citizens(hall, _cases):
    people = hall.registry.citizens
    people[:] = [each.model_copy(update={"record": tampered(each.record)}) for each in people]


def alter_addresses(hall, _cases):
    addresses = hall.registry.identifiers
    addresses[:] = [each.model_copy(update={"value": tampered(each.value)}) for each in addresses]


CASE_PAGES = {
    "the subject": (alter_subject, "hole", WORDS, "case"),
    "the links": (alter_links, "shared", "le sens unique sera-t-il maintenu", "case"),
    "a reason": (alter_reason, "hole", WORDS, "case"),
    "a citizen's message": (alter_message, "hole", "Nid-de-poule devant l’école", "message"),
    "an answer": (alter_answer, "hole", WORDS, "message"),
    "the citizen's record": (alter_citizens, "hole", WORDS, "citizen"),
    "an address": (alter_addresses, "hole", "Jeanne Moreau", "identifier"),
}


@pytest.mark.parametrize("part", CASE_PAGES)
async def test_a_tampered_field_does_not_take_the_case_page_away(hall, karim, cases, part):
    alter, name, still_there, kind = CASE_PAGES[part]
    alter(hall, cases)
    karim._transport.raise_app_exceptions = False
    page = await karim.get(f"/demandes/{cases[name].reference}")
    assert page.status_code == 200, f"{part} was altered, and the page of the whole case is gone"
    assert NOT_SHOWN in page.text
    assert still_there in page.text
    assert is_alarmed(kind)


@pytest.mark.parametrize(("alter", "kind"), [(alter_subject, "case"), (alter_citizens, "citizen")])
async def test_a_tampered_field_does_not_take_the_list_away(hall, karim, cases, alter, kind):
    alter(hall, cases)
    karim._transport.raise_app_exceptions = False
    page = await karim.get("/demandes")
    assert page.status_code == 200, "one field was altered, and the list of every case is gone"
    assert "Le lampadaire" in page.text or "Absence du bureau" in page.text
    assert "altéré" in page.text
    assert is_alarmed(kind)


async def test_a_tampered_address_is_never_shown_as_verified(hall, karim, cases):
    alter_addresses(hall, cases)
    karim._transport.raise_app_exceptions = False
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    assert page.status_code == 200
    assert ">vérifié<" not in page.text


async def test_a_tampered_file_is_not_given_out(hall, karim, cases):
    message = hall.messages.messages[cases["hole"].opened_by]
    name = message.attachments[0].attachment_id
    hall.objects.objects[name] = altered(hall.objects.objects[name])
    karim._transport.raise_app_exceptions = False
    page = await karim.get(f"/demandes/{cases['hole'].reference}/fichiers/{message.message_id}/1")
    assert page.status_code == 409, "an altered file is no error of the desk's: its page says what happened"
    assert "a été altéré" in page.text
    assert is_alarmed("message")


async def test_what_an_agent_typed_is_not_lost_to_a_key_that_was_tampered_with(hall, karim, cases, fields):
    """A reason is sealed under the case's key; where that is broken nothing can be, and the words come back."""
    hole = cases["hole"]
    page = await karim.get(f"/demandes/{hole.reference}")
    hall.vault._keys[hole.subject.key_id] = broken_key(hole.subject.key_id)
    karim._transport.raise_app_exceptions = False
    form = {**fields(page), "department": "espaces-verts", "reason": "Un arbre est tombé dessus"}
    answer = await karim.post(f"/demandes/{hole.reference}/transmission", data=form)
    assert answer.status_code == 409
    assert "Un arbre est tombé dessus" in answer.text
    assert not hall.publisher.on(CASE_COMMANDS)


async def test_a_file_whose_message_is_tampered_is_given_under_no_name(hall, karim, cases):
    message = hall.messages.messages[cases["hole"].opened_by]
    alter_message(hall, cases)
    karim._transport.raise_app_exceptions = False
    file = await karim.get(f"/demandes/{cases['hole'].reference}/fichiers/{message.message_id}/1")
    assert file.status_code == 200
    assert file.content.startswith(b"\xff\xd8\xff")
    assert "fichier-1.jpeg" in file.headers["content-disposition"]
