"""Cases that a profile opens with a reason only: asked for, noted first, and good for one session and one case."""

import asyncio
from dataclasses import replace

import pytest

from agent_desk.domain.cases.opened_as import opened_as
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act
from guichet.town.staff.profiles import REASONS

WORDS = ("Jeanne", "Nid-de-poule devant", "Jules-Ferry", "courriel.example")


@pytest.fixture
async def remi(sign_in, cases):
    return await sign_in("with-a-reason")


@pytest.fixture
def give(fields):
    async def give(browser, reference, reason="absence"):
        form = {**fields(await browser.get("/demandes")), "reason": reason}
        return await browser.post(f"/demandes/{reference}/motif", data=form)

    return give


async def test_before_a_reason_a_case_is_what_a_list_shows(remi, cases, fields):
    hole = cases["hole"]
    here = f"/demandes/{hole.reference}"
    page, rows = await remi.get(here), await remi.get("/demandes")
    assert page.status_code == 200
    assert all(words in page.text for words in REASONS.values())
    assert hole.reference in rows.text
    assert not [word for word in WORDS if word in page.text + rows.text]
    file = await remi.get(f"{here}/fichiers/{hole.opened_by}/1")
    assert (file.status_code, file.headers["location"]) == (303, here)
    assert (await remi.get(f"{here}/fil", headers={"HX-Request": "true"})).status_code == 403
    sheet = {"once": "0" * 32, "shown": "", **fields(page)}
    answer = await remi.post(f"{here}/reponse", data={**sheet, "text": "Bonjour"})
    assert answer.status_code == 403
    assert "Bonjour" in answer.text


async def test_what_is_shown_beside_the_question_is_noted(remi, hall, cases, give):
    hole = cases["hole"]
    await remi.get(f"/demandes/{hole.reference}")
    await give(remi, hole.reference, "")
    seen = [entry.things for entry in hall.audit.entries if (entry.act, entry.thing) == (Act.READ, "synthesis")]
    assert seen == [(hole.case_id,)] * 2


async def test_a_reason_is_noted_before_anything_is_shown_and_opens_this_case_for_this_session(
    remi, hall, cases, sign_in, give
):
    hole, lamp = cases["hole"], cases["lamp"]
    answer = await give(remi, hole.reference)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/demandes/{hole.reference}")
    entry = hall.audit.entries[-1]
    assert (entry.act, entry.things, entry.reason) == (Act.REASON_GIVEN, (hole.case_id,), "absence")
    page = await remi.get(f"/demandes/{hole.reference}")
    assert "Jules-Ferry" in page.text
    assert "Répondre" in page.text
    assert "Pourquoi ouvrez-vous" in (await remi.get(f"/demandes/{lamp.reference}")).text
    assert "Jules-Ferry" not in (await remi.get("/demandes")).text
    again = await sign_in("with-a-reason")
    assert "Pourquoi ouvrez-vous" in (await again.get(f"/demandes/{hole.reference}")).text


async def test_what_is_none_of_the_towns_reasons_opens_nothing(remi, hall, cases, give):
    for reason in ("", "parce que", "Remplacer un collègue absent"):
        answer = await give(remi, cases["hole"].reference, reason)
        assert answer.status_code == 422
        assert "Jules-Ferry" not in answer.text
    assert Act.REASON_GIVEN not in {entry.act for entry in hall.audit.entries}


async def test_no_reason_opens_what_one_does_not_see_whole(remi, sign_in, cases, give):
    """In synthesis; elsewhere; nowhere: to the letter the same."""
    zoe = await sign_in("in-synthesis")
    nothing = await give(zoe, "2026-0000-000")
    for browser, reference in ((zoe, cases["hole"].reference), (remi, cases["social"].reference)):
        answer = await give(browser, reference)
        assert answer.status_code == 404
    assert (await give(zoe, cases["hole"].reference)).text == nothing.text


def to_social_aid(hall, case):
    """Do what the router does with a case that is handed to social aid."""
    moved = {"department": "ccas", "sector": "social", "procedure": None, "version": case.version + 1}
    hall.cases.put(case.model_copy(update=moved))


class TestOfASensitiveSector:
    """With a profile that opens cases of the streets and of social aid, each with a reason."""

    @pytest.fixture
    async def remi(self, sign_in, cases):
        return await sign_in("with-a-reason-for-sensitive")

    async def test_a_reason_holds_no_longer_once_the_case_is_in_another_sector(self, remi, hall, cases, fields, give):
        hole = cases["hole"]
        here = f"/demandes/{hole.reference}"
        await give(remi, hole.reference)
        page = await remi.get(here)
        assert "Jules-Ferry" in page.text
        to_social_aid(hall, hole)
        again = await remi.get(here)
        assert "Pourquoi ouvrez-vous" in again.text
        assert not [word for word in (*WORDS, "En cours", "Action sociale") if word in again.text.partition("<main")[2]]
        part = await remi.get(f"{here}/fil", headers={"HX-Request": "true"})
        assert part.status_code == 403
        assert "Dites d’abord pourquoi" in part.text
        assert "Rien n’a été fait" not in part.text, "nobody tried to do anything"
        assert not [word for word in WORDS if word in part.text]
        for address in (f"{here}/fichiers/{hole.opened_by}/1", f"{here}/direct", f"{here}/saisie"):
            answer = await remi.get(address)
            assert (answer.status_code, answer.headers["location"]) == (303, here), address
        sheet = {"once": "0" * 32, "shown": "", **fields(page)}
        answer = await remi.post(f"{here}/reponse", data={**sheet, "text": "Bonjour"})
        assert answer.status_code == 403
        assert "Bonjour" in answer.text
        await give(remi, hole.reference, "usager")
        assert "Jules-Ferry" in (await remi.get(here)).text

    async def test_before_a_reason_nothing_tells_that_it_is_there_but_its_reference(self, remi, hall, cases):
        social, hole = cases["social"], cases["hole"]
        listed = [await remi.get(f"/demandes{path}") for path in ("", "/liste", "/export.csv")]
        assert all(hole.reference in each.text and social.reference not in each.text for each in listed)
        there = [case for case in cases.values() if case.department == "voirie" and case.state != "closed"]
        assert f'id="n-open">{len(there)}</span>' in listed[0].text
        page = (await remi.get(f"/demandes/{social.reference}")).text.partition("<main")[2]
        assert "Pourquoi ouvrez-vous" in page
        assert not [word for word in ("Action sociale", "Reçue", "En cours", "Démarche") if word in page]
        last = hall.audit.entries[-1]
        assert (last.act, last.things) == (Act.SOUGHT, (social.case_id,))


def test_what_a_reason_was_given_for_is_the_case_in_its_sector_by_the_grant_that_shows_it(hall):
    agent = hall.town.staff.by_id["with-a-reason-for-sensitive"]
    scope = hall.town.scope_of(agent, hall.clock.now.date())
    case = asyncio.run(hall.open_case("hole", subject="Trou"))
    social = case.model_copy(update={"department": "ccas", "sector": "social"})
    narrower = replace(scope, grants=tuple(replace(each, acts=each.acts - {CaseAct.CLOSE}) for each in scope.grants))
    later = case.model_copy(update={"version": 7, "state": "closed"})
    assert opened_as(later, scope) == opened_as(case, scope)
    assert len({opened_as(case, scope), opened_as(social, scope), opened_as(case, narrower)}) == 3
