"""Cases that a profile opens with a reason only: asked for, noted first, and good for one session and one case."""

import pytest

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
