"""The town's words that begin a new case in a conversation without subjects (/nouvelle …). Pure."""

from collections.abc import Iterable
from functools import lru_cache

from guichet.town.folded import folded

LONGEST_WORD = 80  # characters of a text that a town's word is looked for in
_AFTER_A_WORD = " \t\r\n\u00a0\u202f:,;.!-–—"


def begins_anew(text: str, words: Iterable[str]) -> bool:
    """True when the text begins with one of the town's words (/nouvelle …), whole, whatever its case and accents."""
    beginning = folded(text.lstrip()[:LONGEST_WORD])
    return any(_begins_with(beginning, _bare_word(word)) for word in words)


def without_new_case_word(text: str, words: Iterable[str]) -> str:
    """Return the text without the town's word that it begins with, or the whole of it where nothing else is said."""
    said, bare_words = text.lstrip(), {_bare_word(word) for word in words}
    if not begins_anew(said, bare_words):
        return text
    for end in range(min(len(said), LONGEST_WORD), 0, -1):  # an accent may be a character of its own: the longest
        if folded(said[:end]) in bare_words and not said[end : end + 1].isalnum():
            return said[end:].lstrip(_AFTER_A_WORD) or text
    return text


def _begins_with(text: str, word: str) -> bool:
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()


@lru_cache(maxsize=1024)  # the town's words come again at every message
def _bare_word(word: str) -> str:
    return folded(word)
