"""References and parts of them, as they are kept and as they are typed. Pure."""

import re
from typing import Final

_LETTERS: Final = "[0-9a-hjkmnp-tv-z]"  # Crockford's, as guichet.privacy.tokens makes references of them
_DIGITS: Final = frozenset("0123456789")
_LOOKS_LIKE: Final = str.maketrans({"o": "0", "i": "1", "l": "1"})
_FORMS: Final = (
    re.compile(rf"(?P<year>20\d\d)-(?P<first>{_LETTERS}{{1,4}})"),
    re.compile(rf"(?P<year>20\d\d)-(?P<first>{_LETTERS}{{4}})-(?P<last>{_LETTERS}{{0,3}})"),
    re.compile(rf"(?P<first>{_LETTERS}{{4}})(?:-(?P<last>{_LETTERS}{{0,3}}))?"),
    re.compile(rf"(?P<first>{_LETTERS}{{3}})"),
)


def reference_words(reference: str) -> tuple[str, ...]:
    """Return the words that a whole reference is kept as. The year's is none that stands in a text."""
    year, *groups = reference.lower().split("-")
    return (_year(year), *groups)


def parts_of_reference(typed: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of each part of a reference that was perhaps typed (2026-7F3K, 7F3K-29Q, 29q); none: blank.

    The last word of each may be half typed.
    """
    plain = typed.lower()
    if any(letter in _DIGITS for letter in plain):  # a word of letters alone is taken as it is
        plain = plain.translate(_LOOKS_LIKE)
    found = (form.fullmatch(plain) for form in _FORMS)
    return tuple(_words(**each.groupdict()) for each in found if each)


def _words(first: str, last: str | None = None, year: str | None = None) -> tuple[str, ...]:
    return tuple(word for word in (year and _year(year), first, last) if word)


def _year(digits: str) -> str:
    return f"y{digits}"
