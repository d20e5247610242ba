"""R6 (docs/law.md 16): an agent passes a request on; the person is told; what was typed is never lost."""

import re
from datetime import timedelta

import pytest

from guichet.contracts.case_commands import CloseCase, SendReply, StateFact
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.law.calendar import paris_date

TO = "Préfecture du département"
WORDS = "Le titre de séjour se demande là-bas."


def place(case):
    return f"/demandes/{case.reference}/autre-administration"


def seen_in(page):
    found = re.search(r'name="seen" value="([^"]*)"', page.text)
    return {"seen": found[1]} if found else {}


def plain(page):
    return page.text.replace("\u00a0", " ")


async def filled(browser, case, fields, hall, **typed):
    """Open the page, fill the form in, and return what shows the letter."""
    page = await browser.get(place(case))
    form = {"authority": TO, "day": hall.clock.now.date().isoformat(), "words": WORDS, **typed}
    page = await browser.post(place(case), data={**fields(page), **form})
    return page, {**fields(page), **form, **seen_in(page)}


async def test_nothing_is_passed_on_before_the_letter_was_read(karim, hall, cases, fields):
    page, form = await filled(karim, cases["hole"], fields, hall)
    assert page.status_code == 200
    for words in (
        TO,
        WORDS,
        "article L114-2",
        "qui accusera réception de votre demande",
        "In English:",
        "Karim Haddad",
    ):
        assert words in plain(page)
    assert hall.publisher.on(CASE_COMMANDS) == []
    changed = await karim.post(place(cases["hole"]), data={**form, "words": "D’autres mots."})
    assert "D’autres mots." in changed.text
    assert hall.publisher.on(CASE_COMMANDS) == [], "another letter is read again"


async def test_r6_it_is_passed_on_the_person_is_told_and_the_case_closed(karim, hall, cases, fields):
    """R6 (docs/law.md 16)."""
    case = cases["hole"]
    _, form = await filled(karim, case, fields, hall, closes="oui")
    for _ in range(2):
        answer = await karim.post(place(case), data=form)
        assert answer.status_code == 303
    given = {each.event_id: each for each in hall.publisher.on(CASE_COMMANDS)}.values()
    stated, reply, closing = given
    assert isinstance(stated, StateFact)
    assert isinstance(reply, SendReply)
    assert isinstance(closing, CloseCase)
    assert (stated.fact.event, stated.fact.to) == (FactKind.TRANSFERRED, TO)
    assert reply.states == StatedFact(event=FactKind.TRANSFER_ANNOUNCED, at=reply.occurred_at)
    assert closing.behind == reply.event_id


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"authority": "Personne"}, "Choisissez l’administration compétente."),
        ({"day": "2020-01-01"}, "Indiquez un jour entre la réception de la demande et aujourd’hui."),
        ({"day": "2099-01-01"}, "Indiquez un jour entre la réception de la demande et aujourd’hui."),
        ({"words": WORDS + "x" * 1000}, "raccourcissez-le"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(karim, hall, cases, fields, typed, said):
    page, form = await filled(karim, cases["hole"], fields, hall, **typed)
    assert page.status_code == 422
    assert said in plain(page)
    assert form["words"] in page.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_while_the_broker_is_away_nothing_is_lost(karim, hall, cases, fields):
    _, form = await filled(karim, cases["hole"], fields, hall)
    hall.publisher.away = True
    answer = await karim.post(place(cases["hole"]), data=form)
    assert answer.status_code == 503
    assert WORDS in answer.text


async def test_where_no_letter_can_go_it_is_said_on_which_day_the_person_was_told(karim, hall, cases, fields):
    case, today = cases["hole"], hall.clock.now
    passed_on = StatedFact(event="transferred", at=today - timedelta(days=2), to=TO)
    hall.cases.put(case.model_copy(update={"facts": (passed_on,), "received_at": today - timedelta(days=3)}))
    hall.messages.messages.pop(case.opened_by)
    hall.messages.messages.pop(case.last_inbound, None)
    page = await karim.get(place(case))
    assert "La personne n’en est pas avisée" in plain(page)
    yesterday = today - timedelta(days=1)
    form = {**fields(page), **seen_in(page), "words": "", "stated_on": yesterday.date().isoformat()}
    assert (await karim.post(place(case), data=form)).status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert command.fact.event is FactKind.TRANSFER_ANNOUNCED
    assert paris_date(command.fact.at) == yesterday.date()


async def test_once_told_nothing_is_left_to_do(karim, hall, cases):
    case = cases["hole"]
    now = hall.clock.now
    facts = (StatedFact(event="transferred", at=now, to=TO), StatedFact(event="transfer-announced", at=now))
    hall.cases.put(case.model_copy(update={"facts": facts}))
    page = await karim.get(place(case))
    assert "La personne en a été avisée." in plain(page)
    assert "<textarea" not in page.text


@pytest.mark.parametrize(("state", "is_written_again"), [(None, False), ("sent", False), ("failed", True)])
async def test_while_the_letter_is_under_way_no_second_one_is_offered(karim, hall, cases, state, is_written_again):
    now = hall.clock.now
    announces = StatedFact(event="transfer-announced", at=now)
    there = {
        "facts": (StatedFact(event="transferred", at=now, to=TO),),
        "leaving": {"letter-1": announces},
        "deliveries": {"letter-1": state} if state else {},
    }
    hall.cases.put(cases["hole"].model_copy(update=there))
    page = await karim.get(place(cases["hole"]))
    assert ("<textarea" in page.text) is is_written_again
    assert ("La lettre à la personne est en route." in page.text) is not is_written_again


async def test_of_a_closed_case_no_letter_leaves_and_a_day_is_asked_for(karim, hall, cases, fields):
    case = cases["hole"].model_copy(update={"state": CaseState.CLOSED, "closed_at": hall.clock.now})
    hall.cases.put(case)
    page, form = await filled(karim, case, fields, hall)
    assert 'name="stated_on"' in page.text
    assert (await karim.post(place(case), data={**form, "stated_on": form["day"]})).status_code == 303
    told = [each.fact.event for each in hall.publisher.on(CASE_COMMANDS)]
    assert told == [FactKind.TRANSFERRED, FactKind.TRANSFER_ANNOUNCED]
