"""A case's reference, as somebody types it. Pure."""

import re
from typing import Final

_SIGNS: Final = re.compile(r"20\d\d[0-9A-Z]{7}", re.ASCII)  # a year, then seven signs


def as_reference(typed: str) -> str:
    """Return what was typed in a reference's form: who takes it down on the telephone leaves out hyphens or case.

    Digits alone stay as they are: they may be a citizen's telephone number, which must not reach the audit trail.
    """
    signs = re.sub(r"[^0-9A-Z]", "", typed.upper())
    if not _SIGNS.fullmatch(signs) or signs.isdigit():
        return typed.strip()
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"
