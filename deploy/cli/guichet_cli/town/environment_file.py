"""Files of VARIABLE=value, as systemd's EnvironmentFile and a shell read them alike. Pure."""

import re
from collections.abc import Mapping
from typing import Final

_LINE: Final = re.compile(r"\s*([A-Z][A-Z0-9_]*)=(.*)")
_BARE: Final = re.compile(r"[A-Za-z0-9_./:@+=,%-]*")
_ESCAPED: Final = re.compile(r'(["\\$`])')


def values_of(text: str) -> dict[str, str]:
    """Return the variables that a file sets; the last of a name counts."""
    return {found[1]: _unquoted(found[2].strip()) for found in map(_LINE.match, text.splitlines()) if found}


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Return the file with these variables set; its other lines stay as they are."""
    left, lines = dict(values), []
    for line in text.splitlines():
        found = _LINE.match(line)
        lines.append(_line(found[1], left.pop(found[1])) if found and found[1] in left else line)
    return "".join(f"{line}\n" for line in (*lines, *(_line(name, value) for name, value in left.items())))


def _line(name: str, value: str) -> str:
    if _BARE.fullmatch(value):
        return f"{name}={value}"
    quoted = _ESCAPED.sub(r"\\\1", value)
    return f'{name}="{quoted}"'


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    return value
