"""An internal note, as its form gives it. Pure."""

from collections.abc import Mapping
from typing import Final

from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from guichet.ids import EventId, NoteId, derive_id

LONGEST_NOTE: Final = 5_000  # characters


def note_of(command: EventId) -> NoteId:
    """Return the id of the note that a command adds."""
    return NoteId(derive_id("note", command))


def note_input(form: Mapping[str, str]) -> FormInput:
    """Return what the form says."""
    note = form.get("note", "")
    errors = ("note-missing",) if not note.strip() else ("note-too-long",) if len(note) > LONGEST_NOTE else ()
    return FormInput(once_of(form), shown=shown_of(form), note=note, errors=errors)
