"""The stems by which the words of a text are found: « fuites » is found by « fuite ». Pure.

Folded before they are stemmed, although the stemmer knows accents: half of those who search type none, and both must
come to the same stem.
"""

import re
from functools import lru_cache
from threading import local
from typing import Any, Final

import snowballstemmer

from guichet.search.words import is_empty, words_of

_UNACCENTED_PARTICIPLE: Final = re.compile(r"ees?$")  # « signalée » folded, which the stemmer would leave apart

# Plurals that the stemmer leaves apart, for it takes no « s » from behind a vowel: « trous », « pneus »; and those in
# -eux that are no adjective's, whose feminine must be found with them (« dangereux », « dangereuse »).
_PLURAL: Final = re.compile(
    r"^(?:(\w*[^aeiouy][oe]u)s|(lieu|milieu|feu|jeu|enjeu|voeu|cheveu|essieu|pieu|neveu|aveu)x)$"
)

_of_this_thread = local()  # a stemmer keeps its word while it works: not for two threads at once


def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words in order, without those that stand in nearly every message."""
    return tuple(stem_of(word) for word in words_of(text) if not is_empty(word))


@lru_cache(maxsize=50_000)  # a town's words, some 5 MB
def stem_of(word: str) -> str:
    """Return the stem of a folded word. A word with a digit is its own."""
    if any(letter.isdigit() for letter in word):
        return word
    singular = _PLURAL.sub(r"\1\2", word)
    return str(_stemmer().stemWord(_UNACCENTED_PARTICIPLE.sub("e", singular)))


def _stemmer() -> Any:
    if not hasattr(_of_this_thread, "french"):
        _of_this_thread.french = snowballstemmer.stemmer("french")
    return _of_this_thread.french
