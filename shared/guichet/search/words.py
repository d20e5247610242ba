"""The words of a text as they are compared: without accents, capitals, ligatures or elided articles. Pure."""

import re
import unicodedata
from typing import Final

WORD_AT_MOST: Final = 64  # letters: what is longer is no word that somebody types (a key, an encoded file)

# What NFKD leaves as one letter and somebody types as two, or with another one.
_SPELT_OUT: Final = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
_ELIDED: Final = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=\w)")
_APOSTROPHES: Final = "'’ʼ"
_WORD: Final = re.compile(r"[^\W_]+")

# They stand in nearly every message, so that who asks for them asks for nothing.
_EVERYWHERE: Final = """
a ai as au aux avec ce ces cet cette dans de des du elle en est et eu il ils je la le les leur lui ma mais me mes
mon ne nos notre nous on ont ou par pas pour qu que qui sa se ses si son sur ta te tes ton tu un une vos votre vous y
"""
_EMPTY: Final = frozenset(_EVERYWHERE.split())


def folded(text: str) -> str:
    """Return a text in small letters without accents. Doing it again changes nothing.

    Each letter that stands in it is looked at once, however often it does: a quarter of the time of one after another.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    for letter, spelt in _SPELT_OUT.items():
        plain = plain.replace(letter, spelt)
    plain = unicodedata.normalize("NFKD", plain)  # of what casefold made anew (ΰ)
    for mark in filter(unicodedata.combining, set(plain)):
        plain = plain.replace(mark, "")
    return plain


def words_of(text: str) -> tuple[str, ...]:
    """Return every word and number of a text, folded, in order; of "l'école" the school alone."""
    plain = folded(text)
    if any(apostrophe in plain for apostrophe in _APOSTROPHES):
        plain = _ELIDED.sub(" ", plain)
    return tuple([word[:WORD_AT_MOST] for word in _WORD.findall(plain)])


def is_empty(word: str) -> bool:
    """Say whether a folded word stands in nearly every message: it is not kept, and not asked for."""
    return word in _EMPTY
