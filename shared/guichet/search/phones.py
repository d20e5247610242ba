"""Telephone numbers in a text, in whatever writing. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guichet.privacy.normal_form import normalised_phone

# At most 15 digits (E.164) and what people write between them; read from left to right, so it takes no longer for more.
_MAYBE: Final = re.compile(r"(?<![\w+])(?:\+|\(\+?)?\d(?:[\s.()/\-\u2010-\u2015]{0,3}\d){7,16}(?!\w)")


@dataclass(frozen=True)
class Phone:
    """A number as it stands in a text, from start to before end. token: its E.164 digits, kept as one word."""

    token: str
    start: int
    end: int


def phones_in(text: str) -> Iterator[Phone]:
    """Find the telephone numbers of a text: 06 39 98 12 34, +33 (0)6.39.98.12.34, 0033639981234."""
    for found in _MAYBE.finditer(text):
        number = normalised_phone(found[0])
        if number is not None:
            yield Phone(number.removeprefix("+"), found.start(), found.end())
