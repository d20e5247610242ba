"""What an answer asks for stays with it while it waits to be signed, and where it is taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guichet.contracts.legal_facts import StatedFact
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import TERRACE, clocked_town
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.answers_to_sign import DRAFTER, SIGNER, draft_in, given_by, here, sheet, words_of
from guichet_testing.doors.desk_on_twins import TownHall

MARK = "2026-12-24 plan"


@pytest.fixture
def hall() -> TownHall:
    town = replace(profiled_town(), procedures=clocked_town().procedures)
    return TownHall(town=town, undo=timedelta(seconds=10))


@pytest.fixture
def case(hall, cases):
    confirmed = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=TERRACE)
    now = cases["hole"].model_copy(update={"received_at": ARRIVED, "facts": (confirmed,)})
    hall.cases.put(now)
    return now


async def prepared(browser, hall, case, fields):
    """Let an agent ask for the plan, up to the composer; return its form as it is sent."""
    page = await browser.get(here(case, "pieces"))
    form = {**fields(page), "until": "2026-12-24", "piece": "plan", "then": "reponse"}
    assert (await browser.post(here(case, "pieces"), data=form)).status_code == 303
    page = await browser.get(here(case))
    assert f'name="asks" value="{MARK}" checked' in page.text
    return {**fields(page), "asks": MARK, "signed": "oui"}


async def test_who_signs_lets_it_ask_for_what_was_submitted(sign_in, hall, case, fields):
    drafter, signer = await sign_in(DRAFTER), await sign_in(SIGNER)
    form = await prepared(drafter, hall, case, fields)
    text = await words_of(hall, case)
    assert (await drafter.post(here(case, "signature"), data={**form, "text": text})).status_code == 303
    assert draft_in(hall, case).asks == MARK
    page = await signer.get(here(case))
    assert "Cette réponse demande, pour le 24 décembre 2026" in page.text.replace("\u00a0", " ")
    cut = await signer.post(here(case, "a-signer"), data=sheet(page, text="Envoyez-le."))
    assert cut.status_code == 422, "its words do not name the piece any more"
    signed = await signer.post(here(case, "a-signer"), data=sheet(await signer.get(here(case)), text=text))
    assert signed.status_code == 303
    hall.clock.now += timedelta(seconds=11)
    await hall.leaving_answers().go_on()
    (reply,) = given_by(hall)
    assert [each.name for each in reply.states.asked.pieces] == ["plan"]
    assert reply.states.at == reply.occurred_at == hall.clock.now, "the router takes no other moment"


async def test_submitted_without_its_words_it_comes_back(sign_in, hall, case, fields):
    drafter = await sign_in(DRAFTER)
    form = await prepared(drafter, hall, case, fields)
    answer = await drafter.post(here(case, "signature"), data={**form, "text": "Envoyez-le."})
    assert answer.status_code == 422
    assert "Envoyez-le.</textarea>" in answer.text


async def test_taken_back_it_still_asks(sign_in, hall, case, fields):
    signer = await sign_in("karim.haddad")
    form = await prepared(signer, hall, case, fields)
    page = (await signer.get(here(case))).text
    text = page.partition('<textarea id="text"')[2].partition(">")[2].partition("</textarea>")[0]
    assert (await signer.post(here(case, "reponse"), data={**form, "text": text})).status_code == 303
    assert (await signer.post(here(case, "depart/annulation"), data=form)).status_code == 303
    assert f'name="asks" value="{MARK}" checked' in (await signer.get(here(case))).text
    assert given_by(hall) == []
