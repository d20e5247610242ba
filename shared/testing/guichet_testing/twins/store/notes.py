"""Internal notes in memory."""

from collections.abc import Iterable

from guichet.errors import TransientError
from guichet.ids import NoteId
from guichet.store.notes import Note, Notes


class InMemoryNotes(Notes):
    """Twin of MongoNotes. away: the store does not answer."""

    def __init__(self) -> None:
        self.notes: dict[NoteId, Note] = {}
        self.away = False

    async def insert(self, note: Note) -> None:
        self._answer()
        self.notes.setdefault(note.note_id, note)

    async def find_many(self, notes: Iterable[NoteId]) -> dict[NoteId, Note]:
        self._answer()
        return {each: self.notes[each] for each in notes if each in self.notes}

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the notes are away")
