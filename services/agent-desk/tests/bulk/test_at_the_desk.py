"""Many cases at once, at the desk: ticked, shown, begun, followed, suspended and ended."""

import re

import pytest
from playwright.async_api import Browser, expect

from agent_desk.domain.bulk.room import OPEN_AT_MOST
from agent_desk.domain.decisions.given_command import AWAITED_FOR
from guichet.contracts.case_commands import AssignCase, CloseCase, RerouteCase
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.contracts.unannounced import Unannounced
from guichet.store.audit.trail import Act
from guichet.store.bulk.cases import MOST
from guichet.store.cases.fields import REASON
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.real.pages import assert_clean_at

KARIM = "agent-12"


def values(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page.text)


async def prepare(browser, act, *cases, **more):
    token = values(await browser.get("/demandes"), "form_token")[0]
    fields = {"form_token": token, "act": act, "case": [case.reference for case in cases], **more}
    return await browser.post("/traitements/apercu", data=fields)


def form_of(page):
    """What a browser would send, with every box as the page has it."""
    one = {name: values(page, name)[0] for name in ("form_token", "once", "told", "act")}
    return {**one, "case": values(page, "case"), "seen": values(page, "seen")}


async def begin(browser, page, **typed):
    return await browser.post("/traitements", data={**form_of(page), **typed})


async def run(hall, rounds=6):
    for _ in range(rounds):
        await hall.bulk_giving().go_on()


@pytest.fixture
def storm(hall, cases):
    """Three cases of the streets, none of which the closing guards hold back."""

    def three(**fields):
        rested = [
            cases[name].model_copy(update={"state": CaseState.WAITING_FOR_CITIZEN, **fields})
            for name in ("hole", "lamp", "shared")
        ]
        for case in rested:
            hall.cases.put(case)
        return rested

    return three


async def test_rows_of_a_list_are_ticked_in_one_form(karim, cases):
    page = await karim.get("/demandes")
    box = f'<input type="checkbox" name="case" value="{cases["hole"].reference}" form="ensemble"'
    assert box in page.text
    assert '<form id="ensemble"' in page.text
    beside = await karim.get("/demandes/liste?a-cote=oui")
    assert 'name="case"' not in beside.text


async def test_cases_are_closed_one_by_one_each_under_an_id_of_its_own(karim, hall, storm):
    three = storm()
    page = await prepare(karim, "cloture", *three)
    assert "Clore 3 demandes" in page.text
    assert hall.publisher.published == []
    begun = await begin(karim, page)
    assert begun.status_code == 303
    assert hall.publisher.published == [], "the page does not wait for them"
    await run(hall)
    commands = hall.publisher.on(CASE_COMMANDS)
    assert [type(each) for each in commands] == [CloseCase] * 3
    assert {(each.case_id, each.shown) for each in commands} == {(case.case_id, case.newest_said) for case in three}
    assert {each.issued_by for each in commands} == {KARIM}
    closed = [each.things[0] for each in hall.audit.entries if each.act is Act.CLOSED]
    assert {*closed} == {case.case_id for case in three}, "each is noted as a single one would be"
    progress = await karim.get(begun.headers["location"])
    assert "Terminé" in progress.text
    assert "3 sur 3 demandes" in progress.text


async def test_a_form_that_is_sent_twice_begins_one_act(karim, hall, storm):
    page = await prepare(karim, "cloture", *storm())
    first, second = await begin(karim, page), await begin(karim, page)
    assert first.headers["location"] == second.headers["location"]
    await run(hall)
    for case in hall.cases.cases.values():
        hall.cases.put(case.model_copy(update={"state": CaseState.CLOSED}))
    assert (await begin(karim, page)).headers["location"] == first.headers["location"], "though all are closed by now"
    assert len({each.event_id for each in hall.publisher.on(CASE_COMMANDS)}) == 3


async def test_references_that_are_tried_are_noted_each_as_one_that_is_tried_alone(karim, hall, cases):
    tried = ("2026-0000-000", "2026-0000-111")
    page = await prepare(karim, "cloture", *(cases["closed"].model_copy(update={"reference": each}) for each in tried))
    assert "2 demandes ne sont plus dans ce que vous voyez." in page.text
    noted = [each.things for each in hall.audit.entries if each.act is Act.NOT_FOUND]
    assert noted == [(each,) for each in tried]


async def test_no_more_than_a_few_acts_of_one_author_are_under_way(karim, hall, storm):
    three = storm()
    for _ in range(OPEN_AT_MOST):
        assert (await begin(karim, await prepare(karim, "cloture", *three))).status_code == 303
    page = await prepare(karim, "cloture", *three)
    refused = await begin(karim, page)
    assert refused.status_code == 422
    assert "Trop de vos traitements sont en cours ou suspendus" in refused.text
    await run(hall, rounds=2 * OPEN_AT_MOST)
    for case in three:
        hall.cases.put(case)
    assert (await begin(karim, page)).status_code == 303


async def test_what_is_decided_only_later_is_told_by_its_page(karim, hall, storm):
    hall.publisher.is_away = True
    here = (await begin(karim, await prepare(karim, "cloture", *storm()))).headers["location"]
    await run(hall)
    hall.clock.now += AWAITED_FOR * 2
    await run(hall)
    first, second, _ = hall.publisher.on(CASE_COMMANDS)
    await hall.publisher.decide(first)
    hall.publisher.refuses = "case-changed"
    await hall.publisher.decide(second)
    page = (await karim.get(here)).text
    for what in ("Faites", "Refusées", "Sans confirmation"):
        assert f"<dt>{what}</dt><dd>1</dd>" in page


async def test_what_is_not_closed_silently_is_closed_only_where_one_says_so(karim, hall, cases):
    page = await prepare(karim, "cloture", cases["lamp"], cases["shared"])
    assert "Confirmez pour clore 2 demandes" in page.text
    assert (await begin(karim, page)).status_code == 422
    assert (await begin(karim, page, despite="oui")).status_code == 303
    await run(hall)
    assert len(hall.publisher.on(CASE_COMMANDS)) == 2


async def test_they_are_taken_or_handed_over_with_a_word(karim, hall, storm):
    one, two, _ = storm()
    page = await prepare(karim, "prise", one, two)
    assert f'<option value="{KARIM}" selected>' in page.text
    await begin(karim, page, to=KARIM)
    await run(hall)
    page = await prepare(karim, "attribution", one)
    colleague = next(each for each in re.findall(r'<option value="(agent-[^"]+)"', page.text) if each != KARIM)
    await begin(karim, page, to=colleague, words=" Rappeler. ")
    await run(hall)
    *taken, handed = hall.publisher.on(CASE_COMMANDS)
    assert [(type(each), each.to, each.reason) for each in taken] == [(AssignCase, KARIM, None)] * 2
    assert handed.to == colleague
    key = (await hall.vault.open_keys([handed.reason.key_id]))[handed.reason.key_id]
    assert REASON.called(handed.event_id).open(key, one.case_id, handed.reason) == "Rappeler."


async def test_they_are_handed_over_to_a_department_with_a_reason_each_its_own(karim, hall, storm):
    three = storm()
    page = await prepare(karim, "transmission", *three)
    assert (await begin(karim, page, department="proprete")).status_code == 422
    again = await begin(karim, page, department="nowhere", words="Arbres")
    assert "Choisissez un service." in again.text
    assert ">Arbres</textarea>" in again.text
    await begin(karim, page, department="proprete", words="Arbres tombés")
    assert all(b"Arbres" not in row.words.box for row in hall.bulk_cases.rows.values())
    await run(hall)
    commands = hall.publisher.on(CASE_COMMANDS)
    assert [type(each) for each in commands] == [RerouteCase] * 3
    assert len({each.reason.box for each in commands}) == 3


@pytest.mark.parametrize(("act", "more"), [("cloture", {}), ("transmission", {"department": "proprete", "words": "x"})])
async def test_with_a_reason_no_citizen_is_written_to_about_what_is_done_with_many(karim, hall, storm, act, more):
    three = storm()
    assert '<option value="at-risk" selected>' in (await prepare(karim, act, *three, unannounced="at-risk")).text
    page = await prepare(karim, act, *three)
    for said in ("another-case", "", "no such reason"):
        assert (await begin(karim, page, unannounced=said, **more)).status_code == 303
        await run(hall)
    done = [each.unannounced for each in hall.publisher.on(CASE_COMMANDS)]
    assert done == [Unannounced.ANOTHER_CASE] * 3 + [None] * 3, "the two that say nothing are the same act"


async def test_an_answer_to_many_says_itself_what_comes_of_it(karim, storm):
    page = await prepare(karim, "reponse", *storm())
    assert 'name="unannounced"' not in page.text


async def test_what_cannot_be_is_told_before_and_left_out(karim, hall, storm):
    one, two, three = storm()
    hall.cases.put(two.model_copy(update={"state": CaseState.CLOSED}))
    hall.cases.put(three.model_copy(update={"assigned_to": KARIM}))
    page = await prepare(karim, "prise", one, two, three)
    assert "2 demandes laissées de côté" in page.text
    assert "la demande était déjà close" in page.text
    assert "l’attribution était déjà celle-là" in page.text
    assert (await begin(karim, page, to=KARIM)).status_code == 303
    await run(hall)
    assert [each.case_id for each in hall.publisher.on(CASE_COMMANDS)] == [one.case_id]


async def test_what_is_left_out_only_since_the_page_was_made_is_shown_first(karim, hall, storm):
    one, two, _ = storm()
    page = await prepare(karim, "cloture", one, two)
    hall.cases.put(two.model_copy(update={"state": CaseState.CLOSED}))
    again = await begin(karim, page)
    assert again.status_code == 422
    assert "D’autres demandes sont laissées de côté" in again.text
    assert hall.bulk_acts.acts == {}
    assert (await begin(karim, again)).status_code == 303


async def test_of_a_whole_list_it_takes_what_the_list_leads_to(karim, hall, storm):
    storm()
    token = values(await karim.get("/demandes"), "form_token")[0]
    fields = {"form_token": token, "act": "cloture", "toute": "oui"}
    waiting = await karim.post("/traitements/apercu?etat=waiting_for_citizen", data=fields)
    assert len({*values(waiting, "case")}) >= 3
    assert (await karim.post("/traitements/apercu?etat=closed", data=fields)).text.count(
        'type="checkbox" name="case"'
    ) == 0


async def test_of_a_whole_list_that_one_has_looked_far_into_it_takes_what_stands_before_too(karim, hall, storm):
    one, *_ = storm()
    fields = {"form_token": values(await karim.get("/demandes"), "form_token")[0], "act": "cloture", "toute": "oui"}
    taken = [
        {*values(await karim.post(f"/traitements/apercu?canal=email{deep}", data=fields), "case")}
        for deep in ("", f"&apres=1-{one.case_id}", "&page=3")
    ]
    assert taken[0] == taken[1] == taken[2]
    assert len(taken[0]) >= 3


async def test_of_a_whole_list_that_no_index_answers_it_looks_as_far_as_it_says(karim, hall, monkeypatch):
    monkeypatch.setattr("agent_desk.handlers.cases.find_listed.LOOKED_AT", 2)
    waiting = [await hall.open_case(f"tree-{number}", minutes=number) for number in range(6)]
    token = values(await karim.get("/demandes"), "form_token")[0]
    fields = {"form_token": token, "act": "cloture", "toute": "oui"}
    page = await karim.post("/traitements/apercu?vue=non-lues", data=fields)
    assert {case.reference for case in waiting} <= {*values(page, "case")}
    monkeypatch.setattr("agent_desk.handlers.bulk.select_cases.LOOKS", 2)
    page = await karim.post("/traitements/apercu?vue=non-lues", data=fields)
    assert len(values(page, "case")) == 4
    assert "La liste est trop longue pour être parcourue d’un coup" in page.text


async def test_of_the_whole_list_of_unread_ones_it_takes_nothing_that_filters_keep_out(karim, hall, cases):
    hole = cases["hole"]
    token = values(await karim.get(f"/demandes/{hole.reference}"), "form_token")[0]
    await karim.post(f"/demandes/{hole.reference}/non-lue", data={"form_token": token})
    fields = {"form_token": token, "act": "cloture", "toute": "oui"}
    for asked, is_there in (("", True), ("&canal=sms", False), ("&etat=closed", False)):
        page = await karim.post(f"/traitements/apercu?vue=non-lues{asked}", data=fields)
        assert (hole.reference in page.text) is is_there


async def test_no_more_than_a_bounded_number_is_taken(karim, hall):
    for number in range(MOST + 1):
        await hall.open_case(f"tree-{number}", subject="Arbre tombé", state=CaseState.WAITING_FOR_CITIZEN)
    token = values(await karim.get("/demandes"), "form_token")[0]
    page = await karim.post("/traitements/apercu", data={"form_token": token, "act": "cloture", "toute": "oui"})
    assert len({*values(page, "case")}) == MOST
    assert "Un traitement porte sur 200 demandes au plus" in page.text


async def test_one_pauses_goes_on_and_ends(karim, hall, storm):
    three = storm()
    more = [await hall.open_case(name, state=CaseState.WAITING_FOR_CITIZEN) for name in ("fourth", "fifth")]
    page = await prepare(karim, "cloture", *three, *more)
    here = (await begin(karim, page)).headers["location"]

    async def change(state):
        shown = await karim.get(here)
        answer = await karim.post(f"{here}/etat", data={"form_token": values(shown, "form_token")[0], "etat": state})
        assert answer.status_code == 303
        return await karim.get(here)

    assert "Suspendu" in (await change("pause")).text
    await run(hall)
    assert hall.publisher.published == []
    assert "En cours" in (await change("reprise")).text
    await run(hall, rounds=1)
    left = len(hall.publisher.published)
    assert 0 < left < 5
    ended = await change("annulation")
    assert "Annulé" in ended.text
    await run(hall)
    assert len(hall.publisher.published) == left, "what has left stays, and nothing else leaves"
    assert "hx-get" not in (await karim.get(here)).text.split("<main")[1]


async def test_a_colleagues_act_does_not_exist(karim, sign_in, hall, storm):
    here = (await begin(karim, await prepare(karim, "cloture", *storm()))).headers["location"]
    claire = await sign_in("claire.dumas")
    for path in (here, f"{here}/suivi"):
        assert (await claire.get(path)).status_code == 404
    token = values(await claire.get("/demandes"), "form_token")[0]
    assert (await claire.post(f"{here}/etat", data={"form_token": token, "etat": "pause"})).status_code == 404
    assert "Clore" in (await karim.get("/traitements")).text
    assert "/traitements/" not in (await claire.get("/traitements")).text.split("<main")[1]


async def test_while_the_store_is_away_what_was_typed_comes_back(karim, hall, storm):
    page = await prepare(karim, "attribution", *storm(assigned_to=KARIM))
    hall.bulk_cases.away = True
    answer = await begin(karim, page, to="-", words="Rappeler")
    assert answer.status_code == 503
    assert ">Rappeler</textarea>" in answer.text


async def test_by_keyboard_rows_are_ticked_kept_while_the_list_comes_anew_and_closed(chromium: Browser, hall, storm):
    one, two, three = storm()
    hall.cases.put(three.model_copy(update={"state": CaseState.IN_PROGRESS}))
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        for case in (one, two, three):
            await page.locator(f'input[value="{case.reference}"]').press("Space")
        ticked = page.locator("#ensemble .ticked")
        await expect(ticked).to_have_text("3 demandes cochées")
        await assert_clean_at(page, "bulk-ticked", SIZES)
        anew = "htmx.ajax('GET', '/demandes/liste', {target: '#liste', swap: 'innerHTML'})"
        await page.evaluate(anew)
        await expect(ticked).to_have_text("3 demandes cochées")
        await expect(page.locator(f'input[value="{two.reference}"]')).to_be_checked()
        await page.locator(f'input[value="{three.reference}"]').press("c")
        await expect(page.locator("#words")).to_be_focused()
        await page.locator("html[data-keys]").wait_for(state="attached")
        await page.keyboard.type("C’est fait.")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#apercu")).to_be_focused()
        await expect(page.locator("#titre-apercu")).to_be_visible()
        assert hall.bulk_acts.acts == {}, "it began unseen"
        await assert_clean_at(page, "bulk-answer", SIZES)
        await page.goto("/demandes")
        for case in (one, two, three):
            await page.locator(f'input[value="{case.reference}"]').press("Space")
        await page.get_by_role("button", name="Clore…", exact=True).press("Enter")
        await assert_clean_at(page, "bulk-preview", SIZES)
        await page.locator("#despite").press("Space")
        await page.get_by_role("button", name="Lancer").press("Enter")
        await expect(page.locator("#chiffre")).to_have_text("0 sur 3 demandes")
        hall.publisher.refuses = "case-changed"
        await run(hall)
        await expect(page.get_by_role("heading", name="À reprendre une par une")).to_be_visible()
        await assert_clean_at(page, "bulk-progress", SIZES)
