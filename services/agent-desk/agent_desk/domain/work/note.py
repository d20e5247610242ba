"""An internal note, as its form gives it. Pure."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.work.call import call_errors
from agent_desk.domain.work.mentions import mentions_in
from guichet.contracts.case_commands import MENTIONS_AT_MOST
from guichet.ids import AgentId, EventId, NoteId, derive_id

LONGEST_NOTE: Final = 5_000  # characters


def note_of(command: EventId) -> NoteId:
    """Return the id of the note that a command adds."""
    return NoteId(derive_id("note", command))


def note_input(
    form: Mapping[str, str], handles: Mapping[AgentId, str], able: Collection[AgentId], today: date
) -> FormInput:
    """Return what the form says. handles: of everybody; able: whom a note about this case may speak to.

    A note that says something of a call needs no words. today: of Paris.
    """
    note, call = form.get("note", ""), form.get("call", "")
    said = mentions_in(note[:LONGEST_NOTE], handles, able)
    wrong = {
        "note-missing": not (note.strip() or call),
        "note-too-long": len(note) > LONGEST_NOTE,
        "mention-unknown": bool(said.unknown),
        "mentions-too-many": len(said.agents) > MENTIONS_AT_MOST,
    }
    return FormInput(
        once_of(form),
        shown=shown_of(form),
        note=note,
        mentions=said.agents,
        unknown_mentions=said.unknown,
        call=call,
        call_on=form.get("call_on", ""),
        errors=(*(name for name, is_wrong in wrong.items() if is_wrong), *call_errors(form, today)),
    )


def note_of_what_was_said(said: TakenDown, way: str) -> FormInput:
    """Return the form with a note of what somebody said about a case that is there: still to be added by its author.

    way: by which they spoke, in the words of the page.
    """
    who = " · ".join(filter(None, (way, said.name.strip(), said.address.strip())))
    parts = (who, said.subject.strip(), said.text.strip())
    return FormInput(new_once(), note="\n".join(filter(None, parts)))
