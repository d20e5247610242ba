"""What is seen in synthesis: a procedure, a day, a state, a department; nothing of a person, by whatever way."""

import asyncio
import re
from datetime import timedelta

import pytest

from agent_desk.handlers.live.live_streams import Onlooker, case_stream, list_stream
from guichet.contracts.case_events import (
    CaseAssigned,
    CaseMoved,
    CaseSnoozed,
    MessageFiled,
    NoteAdded,
    ReplyRequested,
)
from guichet.law.calendar import paris_date
from guichet_testing.builders.case import ARRIVED

KARIM = "agent-12"
DAY = timedelta(days=1)
TURNS = 100  # of the event loop

NOBODYS = "2026-0000-000"
NUMBERS = {"open": "2", "received": "0", "in_progress": "2", "waiting_for_citizen": "0", "closed": "2"}
WORDS = ("Jeanne", "Moreau", "Nid-de-poule devant", "Jules-Ferry", "vélo", "nid-de-poule.jpg", "courriel.example")


@pytest.fixture
async def zoe(sign_in, cases):
    return await sign_in("in-synthesis")


async def test_a_page_shows_what_a_synthesis_is_and_no_more(zoe, hall, cases):
    hole = cases["hole"]
    for address in (f"/demandes/{hole.reference}", f"/demandes/{hole.reference}/fil"):
        text = (await zoe.get(address)).text
        assert f"{paris_date(hole.received_at):%d/%m/%Y}" in text
        assert "En cours" in text
        assert "Voirie" in text
        assert not [word for word in (*WORDS, "E-mail", "Courriel", hole.opened_by, hole.case_id) if word in text]
        assert 'method="post"' not in text.partition("<main")[2]
    assert [entry.thing for entry in hall.audit.entries[-2:]] == ["synthesis", "synthesis"]


async def test_its_title_is_the_label_of_its_procedure(zoe, hall):
    case = await hall.open_case("lamp-post", subject="Ma rue est noire", procedure="signalement-voirie")
    for address in (f"/demandes/{case.reference}", "/demandes"):
        text = (await zoe.get(address)).text
        assert hall.town.procedures["signalement-voirie"].label in text
        assert "Ma rue est noire" not in text


async def test_a_list_has_their_rows_without_person_subject_and_channel(zoe, cases):
    text = (await zoe.get("/demandes")).text
    assert cases["hole"].reference in text
    assert not [word for word in WORDS if word in text]
    assert "channel" not in text
    assert cases["social"].reference not in text


async def test_of_a_sensitive_sector_nothing_is_there_not_even_in_counts(zoe, hall, cases):
    seen = [case for case in cases.values() if case.sector not in ("social", "tranquillite")]
    opened = sum(case.state in ("received", "in_progress", "waiting_for_citizen") for case in seen)
    assert f'id="n-open">{opened}</span>' in (await zoe.get("/demandes")).text
    assert (await zoe.get(f"/demandes/{cases['social'].reference}")).status_code == 404


async def test_files_and_forms_of_it_are_those_of_a_case_that_does_not_exist(zoe, hall, cases, fields):
    hole = cases["hole"]
    sheet = {"once": "0" * 32, "shown": "", **fields(await zoe.get(f"/demandes/{hole.reference}"))}
    for ours, theirs in (
        (f"{hole.reference}/fichiers/{hole.opened_by}/1", f"{NOBODYS}/fichiers/{hole.opened_by}/1"),
        (f"{hole.reference}/saisie", f"{NOBODYS}/saisie"),
    ):
        hidden, nothing = await zoe.get(f"/demandes/{ours}"), await zoe.get(f"/demandes/{theirs}")
        assert (hidden.status_code, hidden.text) == (404, nothing.text)
    work = ("attribution", "notes", "attente")
    for form in ("reponse", "transmission", "cloture", "abus", "abus/levee", "identite", "envois/x", *work):
        data = {**sheet, "text": "Bonjour", "reason": "x", "department": "ccas", "to": "-", "note": "x", "until": "-"}
        hidden = await zoe.post(f"/demandes/{hole.reference}/{form}", data=data)
        nothing = await zoe.post(f"/demandes/{NOBODYS}/{form}", data=data)
        assert (hidden.status_code, hidden.text) == (404, nothing.text), form
    assert hall.publisher.published == []


async def test_beside_a_whole_case_stands_none_that_is_seen_in_synthesis(sign_in, hall, cases):
    """That a person wrote elsewhere, too, is of the person."""
    browser = await sign_in("synthesis-beside")
    trees, hole = cases["trees"], cases["hole"]
    page = (await browser.get(f"/demandes/{hole.reference}")).text
    assert cases["closed"].reference in page
    assert trees.reference not in page
    quoting = await hall.open_case("quoting", subject="Re: arbres", linked_to=(trees.case_id,))
    assert trees.reference not in (await browser.get(f"/demandes/{quoting.reference}")).text
    assert trees.reference in (await browser.get("/demandes")).text


def open_pages(hall, name, case):
    """The streams of an open list and of an open page of a case."""
    scope = hall.town.scope_of(hall.town.staff.by_id[name], paris_date(hall.clock.now)).unasked

    async def now():
        return scope

    here, feed = hall.feed.position, hall.feed
    of_list = list_stream(Onlooker(scope, now), here, feed=feed, announce=lambda event: event.reference)
    return of_list, case_stream(Onlooker(scope, now), case, here, feed=feed)


async def heard(hall, name, case, event):
    """What an open list and an open page of a case are told of an event first; None: nothing."""
    streams = open_pages(hall, name, case)
    hall.feed.put(event)
    return [await told_at_once(stream) for stream in streams]


async def told_at_once(stream):
    """What a stream tells without waiting for anything: turns are counted, since a busy machine takes any time for one."""
    coming = asyncio.ensure_future(anext(stream))
    for _ in range(TURNS):
        await asyncio.sleep(0)
    if coming.done():
        return coming.result().event
    coming.cancel()
    return None


def about(case, cause, kind, **own):
    of_case = case.model_dump(include={"case_id", "reference", "sector", "department", "citizen"})
    return kind(event_id=f"e-{cause}", occurred_at=ARRIVED, version=2, caused_by=cause, **of_case, **own)


def unseen_of(case):
    """What changes nothing in a synthesis."""
    return (
        about(case, "m", MessageFiled, message_id="m", channel="email", received_at=ARRIVED),
        about(case, "r", ReplyRequested, outbound_id="o", answers="m", by=KARIM),
        about(case, "a", CaseAssigned, to=KARIM, by=KARIM),
        about(case, "n", NoteAdded, note_id="n", by=KARIM),
        about(case, "s", CaseSnoozed, until=ARRIVED, by=KARIM),
    )


async def test_an_open_page_tells_of_nothing_that_a_synthesis_does_not_show(hall, cases):
    """Else who watches one would learn when somebody writes, whose work it becomes, and how many notes there are."""
    hole = cases["hole"]
    for event in unseen_of(hole):
        assert await heard(hall, "in-synthesis", hole, event) == [None, None], event.type
    moved = about(hole, "c", CaseMoved, from_state="received", to_state="in_progress")
    assert await heard(hall, "in-synthesis", hole, moved) == ["changed", "changed"]


async def test_of_notes_an_open_page_tells_who_may_answer_alone(hall, cases):
    note = about(cases["hole"], "n", NoteAdded, note_id="n", by=KARIM)
    assert await heard(hall, "answers", cases["hole"], note) == ["changed", "changed"]
    assert await heard(hall, "reads-alone", cases["hole"], note) == [None, None]


@pytest.mark.parametrize("view", ["miennes", "non-attribuees", "a-repondre", "en-attente"])
async def test_whose_work_it_is_is_told_by_no_row_view_count_or_file(zoe, karim, hall, cases, view):
    """Not by being in one either, even of their own work: it was theirs before their profile changed."""
    for name, case in cases.items():
        whose = {"hole": "in-synthesis", "lamp": KARIM}.get(name)
        hall.cases.put(case.model_copy(update={"assigned_to": whose, "snoozed_until": hall.clock() + DAY}))
    everything = (await zoe.get("/demandes")).text
    assert cases["hole"].reference in everything
    assert "Karim" not in everything
    asked = {"vue": view}
    page, file = (await zoe.get("/demandes", params=asked)).text, await zoe.get("/demandes/export.csv", params=asked)
    assert file.status_code == 200
    assert not [case for case in cases.values() if case.reference in page + file.text]
    assert numbers_of_work(everything) == []
    assert {*numbers_of_work(page)} <= {"0"}, "of the view that was asked for"
    assert len(numbers_of_work((await karim.get("/demandes")).text)) == 4, "who works has them"


@pytest.mark.parametrize("name", ["in-synthesis", "synthesis-beside", "with-a-reason"])
async def test_no_list_tells_states_apart_that_a_synthesis_does_not(sign_in, hall, name):
    """Of another administration's, or archived: it is in the lists, files and numbers of what its row shows."""
    browser = await sign_in(name)
    states = ("in_progress", "transferred", "closed", "archived")
    cases = {
        state: await hall.open_case(state, "voirie" if name == "with-a-reason" else "proprete", state=state)
        for state in states
    }
    shown = {"": states[:2], "open": states[:2], "in_progress": states[:2], "closed": states[2:], "received": ()}
    shown |= dict.fromkeys(("transferred", "archived", "destroyed"), shown[""])  # no words of a synthesis
    for asked, expected in shown.items():
        for path in ("/demandes", "/demandes/liste", "/demandes/export.csv"):
            if path.endswith("csv") and name == "synthesis-beside":
                continue  # exports of its own alone
            text = (await browser.get(f"{path}?etat={asked}")).text
            assert {state for state, case in cases.items() if case.reference in text} == {*expected}, (path, asked)
            if not path.endswith("csv"):
                numbers = dict(re.findall(r'id="n-(\w+)"[^>]*>(\d+)<', text))
                assert NUMBERS.items() <= numbers.items()


async def test_who_sees_all_of_a_list_whole_asks_for_each_state(sign_in, hall):
    browser = await sign_in("exports")
    cases = {state: await hall.open_case(state, state=state) for state in ("in_progress", "transferred", "archived")}
    for asked, case in cases.items():
        text = (await browser.get(f"/demandes?etat={asked}")).text
        assert [each for each in cases.values() if each.reference in text] == [case]


def numbers_of_work(page: str) -> list[str]:
    return re.findall(r'id="n-(?:to-answer|mine|unassigned|snoozed)"[^>]*>(\d+)<', page)
