"""A message that is nothing but a word by which its author wants no more of them: STOP (docs/law.md 49). Pure.

Only the whole message counts: « Le panneau STOP est tombé » is a request. Which words there are, a channel's facts say.
"""

import unicodedata
from collections.abc import Collection
from typing import Final

_LONGEST: Final = 64  # characters: more than any word, however it is spaced out or signed


def is_stop(text: str, words: Collection[str]) -> bool:
    """Say whether a text is one of these words, whatever its case, accents, spaces and punctuation."""
    if not words or len(text) > _LONGEST:
        return False
    said = _bare(text)
    return bool(said) and said in {_bare(each) for each in words}


def _bare(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in plain if each.isalnum())
