"""When a message of a conversation begins something new: SMS and chats have no subject. Pure."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from guichet.store.case_document import CaseDocument
from guichet.town.policies import ChannelPolicy

_SPOKEN = frozenset({"CaseOpened", "MessageFiled", "ReplyRequested"})  # a delivery report is no word of anybody
LONGEST_WORD = 80  # characters of a text that a town's word is looked for in


def begins_anew(text: str, words: Iterable[str]) -> bool:
    """True when the text begins with one of the town's words (/nouvelle …), whole, whatever its case and accents."""
    beginning = _bare(text.lstrip()[:LONGEST_WORD])
    return any(_begins_with(beginning, _bare(word)) for word in words)


def is_still_warm(case: CaseDocument, at: datetime, policy: ChannelPolicy) -> bool:
    """True when the conversation about the case has not been silent for longer than the channel's window."""
    spoken = [entry.at for entry in case.history if entry.type in _SPOKEN]
    return at - max(spoken, default=case.received_at) <= policy.idle_window


def _begins_with(text: str, word: str) -> bool:
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
