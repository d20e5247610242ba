"""The follow page: to whoever holds the link, the reference, the date, the generic state and the answers; nothing else."""

import pytest

from citizen_portal.following import GENERIC
from citizen_portal_testing.counter import KEY
from guichet.contracts.case_events import CaseState
from guichet.ids import CaseId
from guichet.privacy.tokens import follow_token


async def test_the_link_shows_reference_date_state_and_answers(browser, counter):
    token = await counter.follow_case("Bonjour, c’est réparé.", "Bonne journée.", state=CaseState.IN_PROGRESS)
    case = next(iter(counter.cases.by_follow.values()))
    page = await browser.get(f"/suivi/{token}")
    assert page.status_code == 200
    for words in (case.reference, "24 novembre 2026", "En cours", "Bonjour, c’est réparé.", "Bonne journée."):
        assert words in page.text
    assert page.text.index("Bonjour, c’est") < page.text.index("Bonne journée")


async def test_neither_the_receipt_nor_anything_else_of_the_case_shows(browser, counter):
    token = await counter.follow_case("Réponse.")
    case = next(iter(counter.cases.by_follow.values()))
    page = (await browser.get(f"/suivi/{token}")).text
    hidden = (case.case_id, case.citizen, case.department, case.sector, case.follow, "Accusé", "nids-de-poule", token)
    assert [word for word in hidden if word in page] == []


@pytest.mark.parametrize("state", list(CaseState))
async def test_every_state_has_a_generic_name(browser, counter, state):
    names = {
        "received": "Reçue",
        "in_progress": "En cours",
        "waiting_for_citizen": "En attente de votre réponse",
        "closed": "Close",
    }
    page = (await browser.get(f"/suivi/{await counter.follow_case('x', state=state)}")).text
    assert f">{names[GENERIC[state]]}</dd>" in page


@pytest.mark.parametrize("token", ["x", "0" * 32, follow_token(KEY, CaseId("another")), "é", "a%2Fb", "a" * 5000])
async def test_an_unknown_token_is_a_page_that_does_not_exist(browser, counter, token):
    await counter.follow_case("Réponse.")
    page = await browser.get(f"/suivi/{token}")
    nothing = await browser.get("/nulle-part")
    assert (page.status_code, page.text) == (404, nothing.text)
    assert page.headers.raw == nothing.headers.raw


async def test_the_link_of_a_case_under_erasure_is_a_page_that_does_not_exist(browser, counter):
    token = await counter.follow_case("Réponse.", erasing=True)
    page, nothing = await browser.get(f"/suivi/{token}"), await browser.get("/nulle-part")
    assert (page.status_code, page.text) == (404, nothing.text)


async def test_what_the_case_stores_is_not_the_token(browser, counter):
    await counter.follow_case("Réponse.")
    (stored,) = counter.cases.by_follow
    assert (await browser.get(f"/suivi/{stored}")).status_code == 404


async def test_the_page_leaves_no_trace(browser, counter, caplog):
    token = await counter.follow_case("Réponse.")
    headers = (await browser.get(f"/suivi/{token}")).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    counter.cases.away = True
    assert (await browser.get(f"/suivi/{token}")).status_code == 503
    assert token not in "".join(record.getMessage() for record in caplog.records if record.name != "httpx")


async def test_an_erased_answer_leaves_the_page_standing(browser, counter):
    token = await counter.follow_case("Réponse.")
    await counter.vault.destroy_keys([message.content.key_id for message in counter.messages.messages.values()])
    page = await browser.get(f"/suivi/{token}")
    assert "Contenu effacé." in page.text
    assert "Réponse." not in page.text


async def test_an_answer_is_text_and_nothing_else(browser, counter):
    page = await browser.get(f"/suivi/{await counter.follow_case('<script>alert(1)</script>')}")
    assert "<script" not in page.text
