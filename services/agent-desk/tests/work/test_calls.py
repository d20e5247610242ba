"""Calls at the desk: asked for and told by notes, listed, numbers shown to who may answer, pointed out before closing."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from guichet.case.history import HistoryEntry
from guichet.contracts.calls import CallStep
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at


def here(case, place=""):
    return f"/demandes/{case.reference}{place}"


def to_call(hall, case):
    hall.cases.put(case.model_copy(update={"call_back_at": hall.clock()}))


async def test_a_note_asks_for_a_call_without_words_from_a_day_on(karim, hall, cases, fields):
    page, day = await karim.get(here(cases["hole"])), paris_date(hall.clock()) + timedelta(days=2)
    form = {**fields(page), "note": "", "call": "asked", "call_on": day.isoformat()}
    assert (await karim.post(here(cases["hole"], "/notes"), data=form)).status_code == 303
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert (command.call, command.call_wanted_at) == (CallStep.ASKED, start_of_day(day))


@pytest.mark.parametrize("day", ["1999-01-01", "demain", "2999-01-01"])
async def test_a_day_that_is_none_is_said_and_the_words_are_kept(karim, hall, cases, fields, day):
    page = await karim.get(here(cases["hole"]))
    form = {**fields(page), "note": "Après 17 h.", "call": "asked", "call_on": day}
    answer = await karim.post(here(cases["hole"], "/notes"), data=form)
    assert answer.status_code == 422
    assert "Choisissez aujourd’hui ou un jour à venir" in answer.text
    assert "Après 17 h.</textarea>" in answer.text
    assert not hall.notes.notes


@pytest.mark.parametrize("call", ["", "no-answer"])
async def test_a_day_without_the_wish_to_be_called_is_not_lost_without_a_word(karim, hall, cases, fields, call):
    page, day = await karim.get(here(cases["hole"])), paris_date(hall.clock()) + timedelta(days=2)
    form = {**fields(page), "note": "Après 17 h.", "call": call, "call_on": day.isoformat()}
    answer = await karim.post(here(cases["hole"], "/notes"), data=form)
    assert answer.status_code == 422
    assert '<a href="#call-asked">Choisissez «\xa0À rappeler\xa0», ou retirez la date.</a>' in answer.text
    assert f'name="call_on" value="{day.isoformat()}"' in answer.text
    assert '<details class="call" open>' in answer.text
    assert not hall.notes.notes


async def test_the_number_is_shown_to_who_calls_and_noted(karim, hall, cases, fields):
    page = await karim.get(here(cases["hole"]))
    assert "tel:" not in page.text
    answer = await karim.post(here(cases["hole"], "/appel"), data={**fields(page), "note": "Il veut un rendez-vous"})
    assert 'href="tel:+33639981234"' in answer.text
    assert "Il veut un rendez-vous</textarea>" in answer.text
    shown = [each.things for each in hall.audit.entries if (each.act, each.thing) == (Act.READ, "phone-numbers")]
    assert shown == [(cases["hole"].case_id,)]


async def test_the_story_tells_what_came_of_it(karim, hall, cases):
    told = {"type": "NoteAdded", "at": hall.clock(), "by": "agent-11", "note_id": "gone", "code": "no-answer"}
    hall.happened(cases["hole"], HistoryEntry(case_id=cases["hole"].case_id, version=99, **told))
    assert "Appel\xa0: pas de réponse" in (await karim.get(here(cases["hole"]))).text
    document = (await karim.get(here(cases["hole"], "/dossier.pdf"), params={"notes": "oui"})).text
    assert "note: Appel\xa0: pas de réponse" in document.splitlines()


async def test_who_waits_for_a_call_is_in_a_view_and_pointed_out_before_closing(karim, hall, cases, fields):
    to_call(hall, cases["hole"])
    listed = (await karim.get("/demandes?vue=a-rappeler")).text
    assert cases["hole"].reference in listed
    assert 'id="n-to-call">1<' in listed
    page = await karim.get(here(cases["hole"]))
    assert "Quelqu’un attend d’être rappelé." in page.text
    answer = await karim.post(here(cases["hole"], "/cloture"), data={**fields(page), "closes_despite": ""})
    assert answer.status_code == 422
    assert not hall.publisher.on(CASE_COMMANDS)
    hall.cases.put(cases["hole"].model_copy(update={"state": CaseState.CLOSED}))
    assert "call-asked" not in (await karim.get(here(cases["hole"]))).text


async def test_a_call_is_made_and_told_in_a_browser(chromium: Browser, hall: TownHall, cases):
    to_call(hall, cases["hole"])
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await page.goto("/demandes?vue=a-rappeler")
        await assert_clean_at(page, "calls-list", SIZES)
        await page.goto(here(cases["hole"]))
        await page.locator("label[for=mode-note]").click()
        await page.get_by_role("button", name="Appeler").click()
        await expect(page.get_by_role("link", name="06 39 98 12 34")).to_be_visible()
        await page.get_by_label("Appel : personne jointe").check()
        await assert_clean_at(page, "calls-case", SIZES)
        await page.get_by_role("button", name="Ajouter la note").click()
        await expect(page.get_by_role("status").first).to_contain_text("Note ajoutée")
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.call is CallStep.REACHED
