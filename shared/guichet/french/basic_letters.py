"""French in the alphabet of SMS: a curved apostrophe or a no-break space makes one cost twice as much. Pure."""

from typing import Final

_BASIC: Final = str.maketrans({"’": "'", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


def in_basic_letters(words: str) -> str:
    """Return words of our own with typewriter's apostrophes and spaces; an « ê » or « ç » stays (3GPP TS 23.038)."""
    return words.translate(_BASIC)
