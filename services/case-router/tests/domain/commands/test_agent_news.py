"""What the router tells single agents of: once, whatever is done twice; never what they did themselves."""

from datetime import timedelta

import pytest

from case_router.domain.commands.due import EndSnooze
from guichet.contracts.base import Sealed
from guichet.contracts.calls import CallStep
from guichet.contracts.case_commands import AddNote, AssignCase, SnoozeCase
from guichet.errors import TransientError
from guichet.store.agents.news import NewsKind
from guichet.store.notes import Note
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
TOMORROW = ARRIVED + timedelta(days=1)


@pytest.fixture
async def case(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return world.case_of(mail)


def by(agent, case, name):
    return {"event_id": name, "occurred_at": LATER, "case_id": case.case_id, "issued_by": agent}


def told(world):
    return [(each.agent, each.kind, each.by) for each in world.news.news.values()]


async def test_a_mention_is_told_once_and_not_to_its_author(world, case):
    mentions = ("karim", "lea")
    words = Sealed(key_id="key", box=b"box")
    await world.notes.insert(
        Note(_id="note", case_id=case.case_id, author="lea", at=LATER, words=words, mentions=mentions)
    )
    for _ in range(2):
        await world.take(AddNote(note_id="note", mentions=mentions, **by("lea", case, "add")))
    assert told(world) == [("karim", NewsKind.MENTION, "lea")]


async def test_who_is_given_a_case_and_from_whom_it_is_taken_are_told(world, case):
    await world.take(AssignCase(to="lea", **by("lea", case, "takes")))
    assert told(world) == []
    await world.take(AssignCase(to="karim", **by("lea", case, "gives")))
    assert told(world) == [("karim", NewsKind.GIVEN, "lea")]
    await world.take(AssignCase(to="lea", **by("lea", case, "takes back")))
    assert told(world)[1:] == [("karim", NewsKind.TAKEN, "lea")]


async def test_who_works_on_a_case_is_told_that_its_day_has_come(world, case):
    await world.take(AssignCase(to="karim", **by("karim", case, "takes")))
    await world.take(SnoozeCase(until=TOMORROW, **by("karim", case, "later")))
    due = {"event_id": "due", "occurred_at": TOMORROW, "case_id": case.case_id}
    await world.take(EndSnooze(until=TOMORROW, **due))
    assert told(world) == [("karim", NewsKind.BACK, None)]


@pytest.mark.parametrize(
    ("worker", "wanted_at", "is_told"),
    [("karim", None, "karim"), ("karim", TOMORROW, "karim"), (None, TOMORROW, "lea"), (None, None, None)],
)
async def test_who_works_on_a_case_is_told_of_a_call_back_or_who_asked_for_a_later_one(
    world, case, worker, wanted_at, is_told
):
    if worker is not None:
        await world.take(AssignCase(to=worker, **by(worker, case, "takes")))
    words = Sealed(key_id="key", box=b"box")
    await world.notes.insert(Note(_id="note", case_id=case.case_id, author="lea", at=LATER, words=words))
    asked = {"call": CallStep.ASKED, "call_wanted_at": wanted_at}
    await world.take(AddNote(note_id="note", **asked, **by("lea", case, "asks")))
    found = [(each.agent, each.kind, each.at) for each in world.news.news.values()]
    assert found == ([(is_told, NewsKind.CALL, wanted_at or LATER)] if is_told else [])


async def test_who_is_given_a_case_is_told_on_the_day_that_somebody_is_to_be_called(world, case):
    words = Sealed(key_id="key", box=b"box")
    await world.notes.insert(Note(_id="note", case_id=case.case_id, author="lea", at=LATER, words=words))
    asked = {"call": CallStep.ASKED, "call_wanted_at": TOMORROW}
    await world.take(AddNote(note_id="note", **asked, **by("lea", case, "asks")))
    await world.take(AssignCase(to="karim", **by("lea", case, "gives")))
    found = {(each.agent, each.kind, each.at) for each in world.news.news.values() if each.agent == "karim"}
    assert found == {("karim", NewsKind.GIVEN, LATER), ("karim", NewsKind.CALL, TOMORROW)}


async def test_it_is_there_before_an_open_page_hears_of_it(world, case):
    await world.take(AssignCase(to="lea", **by("lea", case, "takes")))
    world.news.away = True
    before = len(world.published(case))
    with pytest.raises(TransientError):
        await world.take(AssignCase(to="karim", **by("lea", case, "gives")))
    assert len(world.published(case)) == before
    world.news.away = False
    await world.take(AssignCase(to="karim", **by("lea", case, "gives")))
    assert told(world) == [("karim", NewsKind.GIVEN, "lea")]
