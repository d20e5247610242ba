"""Calls about a case: asked for, made, dropped; each said by a note, and none left open once the case is closed."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.calls import CallStep
from guichet.contracts.case_commands import AddNote, CloseCase
from guichet.contracts.case_events import CommandRefused
from guichet.law.calendar import PARIS
from guichet.store.notes import Note
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
TOMORROW = ARRIVED + timedelta(days=1)


@pytest.fixture
async def case(world):
    world.rights = rights_in(world.town.departments, "lea")
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return world.case_of(mail)


async def said(world, case, call, wanted_at=None, now=LATER):
    name = f"note-{len(world.notes.notes)}"
    words = Sealed(key_id="key", box=b"box")
    await world.notes.insert(Note(_id=name, case_id=case.case_id, author="lea", at=now, words=words))
    about = {"event_id": f"add-{name}", "occurred_at": now, "case_id": case.case_id, "issued_by": "lea"}
    await world.take(AddNote(note_id=name, call=call, call_wanted_at=wanted_at, **about))
    return world.cases.cases[case.case_id].call_back_at


async def test_somebody_is_called_back_from_the_day_that_they_wish(world, case):
    assert await said(world, case, CallStep.ASKED) == LATER
    assert await said(world, case, CallStep.ASKED, TOMORROW) == TOMORROW
    assert await said(world, case, None) == TOMORROW, "a note is no call"
    entries = [(each.code, each.until) for each in world.history.of(case.case_id) if each.type == "NoteAdded"]
    assert entries == [("asked", None), ("asked", TOMORROW), (None, None)]


@pytest.mark.parametrize("result", [CallStep.REACHED, CallStep.WRONG_NUMBER, CallStep.DROPPED])
async def test_who_was_reached_or_cannot_be_is_called_no_more(world, case, result):
    await said(world, case, CallStep.ASKED)
    assert await said(world, case, CallStep.NO_ANSWER) == LATER
    assert await said(world, case, result) is None
    assert await said(world, case, CallStep.REACHED) is None, "who calls without having been asked says so, too"


async def test_today_is_soon_enough_in_the_last_hour_of_the_day_that_has_25(world, case):
    now = datetime(2026, 10, 25, 23, 30, tzinfo=PARIS)
    today = now.replace(hour=0, minute=0)
    world.now = now.astimezone(UTC) + timedelta(days=1)
    assert await said(world, case, CallStep.ASKED, today, now=now.astimezone(UTC)) == today
    assert await said(world, case, CallStep.ASKED, today - timedelta(seconds=1), now=now.astimezone(UTC)) == today


async def test_a_closed_case_waits_for_no_call(world, case):
    await said(world, case, CallStep.ASKED)
    await world.take(CloseCase(event_id="close", occurred_at=LATER, case_id=case.case_id, issued_by="lea"))
    assert world.cases.cases[case.case_id].call_back_at is None
    await said(world, case, CallStep.ASKED)
    await said(world, case, CallStep.ASKED, LATER + timedelta(days=400))
    refused = [each.why for each in world.published(case) if isinstance(each, CommandRefused)]
    assert refused == ["case-closed", "case-closed"]


@pytest.mark.parametrize("days", [-2, 367])
async def test_no_day_that_is_past_or_a_year_ahead(world, case, days):
    assert await said(world, case, CallStep.ASKED, LATER + timedelta(days=days)) is None
    assert [each.why for each in world.published(case) if isinstance(each, CommandRefused)] == ["no-such-day"]
