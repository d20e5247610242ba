"""No-break spaces where French sets them: before « : ; ! ? », within quotation marks, before « % » and « € ». Pure."""

import re
from functools import lru_cache
from typing import Final

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""The wide one everywhere: the typeface has no narrow one, and a sign that another typeface draws stands out."""
_BEFORE: Final = re.compile(r" (?=[:;!?»](?![\w/]))")
_AFTER: Final = re.compile(r"(?<=«) ")
_IN_A_NUMBER: Final = re.compile(r"(?<=\d) (?=[%€](?:\W|$))")


@lru_cache(maxsize=4096)
def with_no_break_spaces(words: str) -> str:
    """Return words of our own, none of whose lines begins with such a sign. Doing it again changes nothing."""
    spaced = _AFTER.sub(NO_BREAK, _BEFORE.sub(NO_BREAK, words))
    return _IN_A_NUMBER.sub(NO_BREAK, spaced)
