"""French telephone numbers as they are written in France: « 06 12 34 56 78 ». Pure."""

import re
from typing import Final

from guichet.french.no_break_spaces import NO_BREAK

_FRENCH: Final = re.compile(r"\+33([1-9])(\d\d)(\d\d)(\d\d)(\d\d)")


def spaced_number(value: str) -> str:
    """Return a number in pairs, as it is read aloud, which no line parts; whatever is no French number, as it is.

    value: an address of any kind; a number as E.164 has it, such as +33612345678.
    """
    found = _FRENCH.fullmatch(value)
    return NO_BREAK.join((f"0{found[1]}", *found.groups()[1:])) if found else value
