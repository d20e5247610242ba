"""Before an answer leaves, what looks forgotten or meant for somebody else is pointed out; a tick sends it all the same."""

import pytest

from agent_desk.domain.composer.doubts import Doubt, Known, as_read, doubts_of
from agent_desk.domain.decisions.closing_guards import closing_guards
from guichet.contracts.case_commands import CloseCase, SendReply, SnoozeCase
from guichet.contracts.case_events import CaseState, RoutingReason
from guichet.contracts.topics import CASE_COMMANDS
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import the_example_town

TOWN = the_example_town()
SAID = Known("Jeanne Moreau\njeanne.moreau@courriel.example 06 12 34 56 78\nMa fille Zoé", {"voirie@mairie.example"})


@pytest.mark.parametrize(
    "text",
    [
        "Vous trouverez le formulaire ci-joint.",
        "Le plan est en pièce jointe.",
        "Je vous joins le plan.",
        "Vous trouverez le plan joint à ce message.",
    ],
)
def test_a_forgotten_attachment(text):
    assert [each.kind for each in doubts_of(text, SAID)] == ["attachment"]


@pytest.mark.parametrize(
    "text",
    [
        "Merci de joindre une photo à votre réponse.",
        "Madame, Monsieur, nos agents passent mardi.",
        "Bonjour Madame Moreau, et bravo à Mlle Zoé.",
        "Monsieur le Maire vous répondra.",
        "Écrivez à voirie@mairie.example ou au +33612345678.",
    ],
)
def test_what_is_nothing_to_look_at(text):
    assert doubts_of(text, SAID) == ()


def test_an_unfilled_variable_and_somebody_elses_name_and_addresses():
    text = "Bonjour Madame Martin, {{prénom}}, écrivez à paul@ailleurs.example ou au 07 99 99 99 99."
    assert doubts_of(text, SAID) == (
        Doubt("variable", "{{prénom}}"),
        Doubt("address", "paul@ailleurs.example"),
        Doubt("address", "07 99 99 99 99"),
        Doubt("name", "Martin"),
    )


def test_what_a_closing_is_asked():
    fallback = {"department": TOWN.fallback_department, "routing": RoutingReason(rule="fallback", kind="fallback")}
    elsewhere = {"department": "voirie", "routing": RoutingReason(rule="trous", kind="keyword")}
    assert closing_guards(a_case(state=CaseState.RECEIVED, **fallback), TOWN, ARRIVED) == ("fallback", "unanswered")
    assert closing_guards(a_case(state=CaseState.IN_PROGRESS, at_rest=True, **elsewhere), TOWN, ARRIVED) == ()
    assert closing_guards(a_case(state=CaseState.WAITING_FOR_CITIZEN, **elsewhere), TOWN, ARRIVED) == ()
    assert closing_guards(a_case(state=CaseState.RECEIVED, **fallback), TOWN, ARRIVED, is_answered=True) == (
        "fallback",
    )


def here(case, form):
    return f"/demandes/{case.reference}/{form}"


async def test_a_doubtful_answer_comes_back_kept_and_goes_once_it_was_looked_at(karim, hall, cases, fields):
    hole = cases["hole"]
    form = {**fields(await karim.get(f"/demandes/{hole.reference}")), "text": "Le plan est ci-joint."}
    answer = await karim.post(here(hole, "reponse"), data=form)
    assert answer.status_code == 422
    assert "aucun fichier n’est joint" in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []
    assert len(hall.drafts.drafts) == 1
    looked_at = as_read([Doubt("attachment", "ci-joint")])
    other = {**form, "text": "Le plan est ci-joint, Madame Martin.", "despite": looked_at}
    assert (await karim.post(here(hole, "reponse"), data=other)).status_code == 422
    assert (await karim.post(here(hole, "reponse"), data={**form, "despite": looked_at})).status_code == 303
    assert [type(each) for each in hall.publisher.on(CASE_COMMANDS)] == [SendReply]


async def test_sent_and_closed_in_one_and_twice_is_once(karim, hall, cases, fields):
    lamp = cases["lamp"]
    form = {**fields(await karim.get(f"/demandes/{lamp.reference}")), "text": "C’est réparé.", "then": "close"}
    for _ in range(2):
        answer = await karim.post(here(lamp, "reponse"), data=form)
        assert answer.headers["location"] == f"/demandes/{lamp.reference}?fait=reponse-cloture"
    given = hall.publisher.on(CASE_COMMANDS)
    assert [type(each) for each in given] == [SendReply, CloseCase] * 2
    assert len({each.event_id for each in given}) == 2
    assert "et demande close" in (await karim.get(answer.headers["location"])).text


async def test_sent_and_put_off_until_a_day(karim, hall, cases, fields):
    lamp = cases["lamp"]
    form = {**fields(await karim.get(f"/demandes/{lamp.reference}")), "text": "Nous regardons.", "then": "wait"}
    refused = await karim.post(here(lamp, "reponse"), data={**form, "wait_until": "2020-01-01"})
    assert refused.status_code == 422
    assert hall.publisher.on(CASE_COMMANDS) == []
    assert (await karim.post(here(lamp, "reponse"), data={**form, "wait_until": "2026-12-24"})).status_code == 303
    reply, snooze = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(reply, SendReply)
    assert isinstance(snooze, SnoozeCase)
    assert snooze.until.isoformat() == "2026-12-24T00:00:00+01:00"


async def test_where_the_router_takes_neither_the_words_come_back(karim, hall, cases, fields):
    lamp = cases["lamp"]
    hall.publisher.refuses = "case-changed"
    form = {**fields(await karim.get(f"/demandes/{lamp.reference}")), "text": "C’est réparé.", "then": "close"}
    answer = await karim.post(here(lamp, "reponse"), data=form)
    assert answer.status_code == 409
    assert "La réponse n’est pas partie" in answer.text
    assert "C’est réparé." in answer.text


async def test_a_case_whose_citizen_waits_is_not_closed_without_a_word(karim, hall, cases, fields):
    lamp = cases["lamp"]
    page = await karim.get(f"/demandes/{lamp.reference}")
    assert "Le dernier message de l’usager est sans réponse." in page.text
    form = {name: value for name, value in fields(page).items() if name != "closes_despite"}
    answer = await karim.post(here(lamp, "cloture"), data=form)
    assert answer.status_code == 422
    assert "Cochez la case pour clore quand même." in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []
    assert (await karim.post(here(lamp, "cloture"), data=fields(page))).status_code == 303
