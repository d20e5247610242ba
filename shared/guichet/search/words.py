"""The words of a text as they are compared: without accents, capitals, ligatures or elided articles. Pure."""

import re
import unicodedata
from typing import Final

WORD_AT_MOST: Final = 64  # letters: what is longer is no word that somebody types (a key, an encoded file)

# What NFKD leaves as one letter and somebody types as two, or with another one.
_SPELT_OUT: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
_ELIDED: Final = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=\w)")
_WORD: Final = re.compile(r"[^\W_]+")

# They stand in nearly every message, so that who asks for them asks for nothing.
_EVERYWHERE: Final = """
a ai as au aux avec ce ces cet cette dans de des du elle en est et eu il ils je la le les leur lui ma mais me mes
mon ne nos notre nous on ont ou par pas pour qu que qui sa se ses si son sur ta te tes ton tu un une vos votre vous y
"""
_EMPTY: Final = frozenset(_EVERYWHERE.split())


def folded(text: str) -> str:
    """Return a text in small letters without accents. Doing it again changes nothing."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SPELT_OUT)
    plain = unicodedata.normalize("NFKD", plain)  # of what casefold made anew (ΰ)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str) -> tuple[str, ...]:
    """Return every word and number of a text, folded, in order; of "l'école" the school alone."""
    return tuple(word[:WORD_AT_MOST] for word in _WORD.findall(_ELIDED.sub(" ", folded(text))))


def is_empty(word: str) -> bool:
    """Say whether a folded word stands in nearly every message: it is not kept, and not asked for."""
    return word in _EMPTY
