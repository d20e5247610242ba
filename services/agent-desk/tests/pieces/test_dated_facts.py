"""Rights of the GDPR and a remedy before a court are noted of their day, on a page of their own."""

from datetime import date, timedelta

import pytest

from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.law.calendar import start_of_day
from guichet_testing.builders.case import ARRIVED

FIRST, SECOND = date(2026, 11, 24), date(2026, 11, 26)


def put(hall, case, *facts):
    now = case.model_copy(update={"received_at": ARRIVED, "facts": facts})
    hall.cases.put(now)
    hall.clock.now = ARRIVED + timedelta(days=10)
    return now


def asked(day):
    return StatedFact(event="rights-requested", at=start_of_day(day))


@pytest.mark.parametrize(
    ("facts", "form", "told"),
    [
        ((), {"kind": "rights-requested"}, {"event": "rights-requested"}),
        ((), {"kind": "prior-remedy"}, {"event": "prior-remedy"}),
        ((asked(FIRST),), {"kind": "rights-answered"}, {"event": "rights-answered"}),
        ((asked(FIRST),), {"kind": "rights-extended"}, {"event": "rights-extended", "asked_on": FIRST}),
        (
            (asked(FIRST), asked(SECOND)),
            {"kind": "rights-extended", "asked_on": SECOND.isoformat()},
            {"event": "rights-extended", "asked_on": SECOND},
        ),
    ],
)
async def test_a_fact_is_told_of_its_day(sign_in, hall, cases, fields, facts, form, told):
    case = put(hall, cases["hole"], *facts)
    karim = await sign_in("karim.haddad")
    page = await karim.get(f"/demandes/{case.reference}/faits")
    given = {**fields(page), "asked_on": FIRST.isoformat(), "on": "27/11/2026", **form}
    for _ in range(2):
        assert (await karim.post(f"/demandes/{case.reference}/faits", data=given)).status_code == 303
    one, again = hall.publisher.on(CASE_COMMANDS)
    assert one.fact == StatedFact(at=start_of_day(date(2026, 11, 27)), **told)
    assert one.event_id == again.event_id


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": ""}, "Choisissez dans la liste."),
        ({"kind": "decision-taken"}, "Choisissez dans la liste."),
        ({"kind": "rights-extended", "asked_on": "2026-11-26"}, "Choisissez la demande qui est prolongée."),
        ({"on": ""}, "Choisissez un jour, de la réception de la demande à aujourd’hui."),
        ({"on": "2026-11-23"}, "Choisissez un jour, de la réception de la demande à aujourd’hui."),
        ({"on": "2026-12-25"}, "Choisissez un jour, de la réception de la demande à aujourd’hui."),
    ],
)
async def test_what_cannot_have_been_comes_back_as_it_was_typed(sign_in, hall, cases, fields, form, words):
    case = put(hall, cases["hole"], asked(FIRST))
    karim = await sign_in("karim.haddad")
    page = await karim.get(f"/demandes/{case.reference}/faits")
    given = {**fields(page), "kind": "rights-answered", "on": "2026-11-27", **form}
    answer = await karim.post(f"/demandes/{case.reference}/faits", data=given)
    assert answer.status_code == 422
    assert words in answer.text.replace("\u00a0", " ")
    assert f'name="on" value="{given["on"]}"' in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_refused_it_says_why_on_its_own_page(sign_in, hall, cases, fields):
    case = put(hall, cases["hole"])
    karim = await sign_in("karim.haddad")
    page = await karim.get(f"/demandes/{case.reference}/faits")
    hall.publisher.refuses = "no-such-day"
    given = {**fields(page), "kind": "prior-remedy", "on": "2026-11-27"}
    answer = await karim.post(f"/demandes/{case.reference}/faits", data=given)
    assert answer.status_code == 409
    assert "ce jour ne convient pas" in answer.text
    assert 'name="on" value="2026-11-27"' in answer.text
