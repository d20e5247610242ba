"""One suite for internal notes, on the twin and on the real MongoDB."""

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import NoteId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.notes import MongoNotes, Note, Notes
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.notes import InMemoryNotes


def a_note(name: str = "note", **replaced: object) -> Note:
    fields = {"case_id": "case", "author": "lea", "at": ARRIVED, "words": Sealed(key_id="key", box=b"box")}
    return Note.model_validate({"_id": name, **fields, **replaced})


class NotesSuite:
    async def test_a_note_is_found_by_its_id(self, notes: Notes):
        await notes.insert(a_note())
        assert await notes.find_many([NoteId("note"), NoteId("none")]) == {"note": a_note()}
        assert await notes.find_many([]) == {}

    async def test_what_is_written_again_stays_as_it_was_first(self, notes: Notes):
        await notes.insert(a_note())
        await notes.insert(a_note(words=Sealed(key_id="other", box=b"other")))
        assert await notes.find_many([NoteId("note")]) == {"note": a_note()}


class TestInMemoryNotes(NotesSuite):
    @pytest.fixture
    def notes(self) -> Notes:
        return InMemoryNotes()


@pytest.mark.real
class TestMongoNotes(NotesSuite):
    @pytest.fixture
    async def notes(self, mongo_server, mongo_database) -> Notes:
        return MongoNotes(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
