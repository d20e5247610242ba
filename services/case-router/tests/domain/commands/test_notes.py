"""An internal note: said once, about its own case, by who may answer it; it decides nothing."""

from datetime import timedelta

import pytest

from guichet.case.kept import VISIBLE
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import AddNote, AssignCase, CloseCase
from guichet.contracts.case_events import CommandRefused, NoteAdded
from guichet.errors import NoRightError
from guichet.store.notes import Note
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return mail


async def wrote(world, case, name="note", *, author="lea", of=None, mentions=()):
    words = Sealed(key_id="key", box=b"box")
    await world.notes.insert(
        Note(_id=name, case_id=of or case.case_id, author=author, at=LATER, words=words, mentions=mentions)
    )


def adding(case, name="note", *, by="lea", shown=None, mentions=()):
    about = {"case_id": case.case_id, "issued_by": by, "occurred_at": LATER, "shown": shown}
    return AddNote(event_id=f"add-{name}", note_id=name, mentions=mentions, **about)


def events(world, case, kind):
    return [each for each in world.published(case) if isinstance(each, kind)]


async def test_a_note_is_said_once_and_the_history_has_it(world, mail):
    case = world.case_of(mail)
    await wrote(world, case)
    for _ in range(2):
        await world.take(adding(case))
    [added] = events(world, case, NoteAdded)
    assert (added.note_id, added.by) == ("note", "lea")
    entry = world.history.of(case.case_id)[-1]
    assert (entry.type, entry.note_id, entry.by) == ("NoteAdded", "note", "lea")
    after = world.case_of(mail)
    assert (after.state, after.page_version) == (case.state, case.page_version)
    assert NoteAdded not in VISIBLE, "what agents tell each other is on a citizen's page"
    world.check()


async def test_a_citizen_who_writes_meanwhile_keeps_nobody_from_noting(world, mail):
    case = world.case_of(mail)
    await wrote(world, case)
    await world.take(await world.mail("again", "alice@courriel.example", in_reply_to=("m@courriel.example",)))
    await world.take(adding(case, shown=mail.message_id))
    assert len(events(world, case, NoteAdded)) == 1
    assert world.case_of(mail).has_news, "a note is no answer"


async def test_a_colleagues_note_is_read_before_one_decides(world, mail):
    case = world.case_of(mail)
    await wrote(world, case)
    await world.take(adding(case))
    about = {"case_id": case.case_id, "issued_by": "karim", "occurred_at": LATER + timedelta(minutes=1)}
    await world.take(AssignCase(event_id="take", to="karim", shown=mail.message_id, **about))
    assert [each.why for each in events(world, case, CommandRefused)] == ["case-changed"]


async def test_what_nobody_has_or_another_wrote_or_is_about_another_case_is_refused(world, mail):
    case = world.case_of(mail)
    await wrote(world, case, "anothers", author="karim")
    await wrote(world, case, "elsewhere", of="another-case")
    await world.take(*(adding(case, name) for name in ("none", "anothers", "elsewhere")))
    assert [each.why for each in events(world, case, CommandRefused)] == ["unknown-note"] * 3


async def test_it_speaks_by_name_to_who_may_answer_the_case_and_to_nobody_else(world, mail):
    case = world.case_of(mail)
    await wrote(world, case, mentions=("karim",))
    await wrote(world, case, "to-a-stranger", mentions=("karim", "nobody"))
    said_otherwise = adding(case, mentions=()).model_copy(update={"event_id": "forged"})
    await world.take(adding(case, mentions=("karim",)), said_otherwise)
    await world.take(adding(case, "to-a-stranger", mentions=("karim", "nobody")))
    assert [each.mentions for each in events(world, case, NoteAdded)] == [("karim",)]
    assert world.history.of(case.case_id)[1].mentions == ("karim",)
    assert [each.why for each in events(world, case, CommandRefused)] == ["unknown-note", "agent-without-right"]


async def test_a_closed_case_may_still_get_one(world, mail):
    case = world.case_of(mail)
    await wrote(world, case)
    await world.take(CloseCase(event_id="close", occurred_at=LATER, case_id=case.case_id, issued_by="lea"))
    await world.take(adding(case))
    assert len(events(world, case, NoteAdded)) == 1


async def test_who_has_no_right_to_the_case_adds_none(world, mail):
    case = world.case_of(mail)
    await wrote(world, case, author="nobody")
    with pytest.raises(NoRightError):
        await world.take(adding(case, by="nobody"))
