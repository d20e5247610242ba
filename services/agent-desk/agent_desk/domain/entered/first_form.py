"""What was entered first of a message, as a note of its case keeps it: it stands, whoever enters more. Pure.

No history names that note, so no page shows it; it goes with the case.
"""

import json
from typing import Final

from agent_desk.domain.entered.taken_down import TakenDown
from guichet.ids import NoteId, derive_id
from guichet.store.messages.document import MessageDocument

_KEPT: Final = ("name", "subject", "text", "place", "procedure")


def kept_under(message: MessageDocument) -> NoteId:
    """Return the id of the note. Of the message in the same case: by the new one's it would lead from case to case."""
    return NoteId(derive_id("first-form", message.message_id))


def kept_words(typed: TakenDown) -> str:
    """Return what is kept of a form, as JSON."""
    return json.dumps({field: getattr(typed, field) for field in _KEPT}, ensure_ascii=False)


def kept_form(words: str) -> TakenDown:
    """Return the form of which `kept_words` made this."""
    return TakenDown(**json.loads(words))
