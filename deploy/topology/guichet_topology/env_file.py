"""Files of NAME=value as systemd reads them (EnvironmentFile=, systemd.exec(5)). Pure: text in, text out.

People write such a file by hand, so quotes and comments are read as systemd reads them, and what a shell or another
reader would take in another way is refused. Whoever reads one, reads it by this: two readers mean two passwords.
"""

import re
from collections.abc import Mapping
from typing import Final

from guichet.errors import SettingsError

_LINE: Final = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)=(.*)$")
_ESCAPED: Final = re.compile(r'\\(["\\`$])')
_TO_ESCAPE: Final = re.compile(r'(["\\`$])')
_BARE: Final = re.compile(r"[A-Za-z0-9_./:@+=,%-]*")


def read_env(text: str, *, file: str) -> dict[str, str]:
    """Return the variables. Raises SettingsError, which names the file and the line, and never what stands there."""
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith(("#", ";")):
            continue
        found = _LINE.match(said)
        if found is None:
            raise SettingsError(f"{file}:{number}: a line is NAME=value, or a comment that begins with #.")
        values[found[1]] = _unquoted(found[2].strip(), f"{file}:{number}")
    return values


def write_env(values: Mapping[str, str]) -> str:
    """Return the file. Raises SettingsError, naming the variable, for a value that a line cannot hold."""
    lines = []
    for name, value in sorted(values.items()):
        if not value.isprintable():
            raise SettingsError(f"{name} has a line break or another sign that cannot be printed.")
        lines.append(f"{name}={_quoted(value)}\n")
    return "".join(lines)


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Return the file with these variables set, each once; its other lines stay as they are.

    Raises SettingsError, naming the variable, for a value of several lines.
    """
    left, lines = dict(values), []
    for line in text.splitlines():
        found = _LINE.match(line.strip())
        name = found[1] if found else ""
        if name in left:
            lines.append(_line(name, left.pop(name)))
        elif name not in values:
            lines.append(line)
    return "".join(f"{line}\n" for line in (*lines, *(_line(name, value) for name, value in left.items())))


def _line(name: str, value: str) -> str:
    if len(f"{value}.".splitlines()) > 1:
        raise SettingsError(f"{name} has a line break.")
    return f"{name}={value if _BARE.fullmatch(value) else _quoted(value)}"


def _quoted(value: str) -> str:
    escaped = _TO_ESCAPE.sub(r"\\\1", value)
    return f'"{escaped}"'


def _unquoted(value: str, where: str) -> str:
    quote = value[:1]
    if quote not in {"'", '"'}:
        if re.search(r"[\\'\"]", value):
            raise SettingsError(f'{where}: put the value into double quotes, with \\ before each " and \\ in it.')
        return value
    if len(value) < 2 or value[-1] != quote:
        raise SettingsError(f"{where}: the quote is not closed, or something stands behind it.")
    inner = value[1:-1]
    return inner if quote == "'" else _ESCAPED.sub(r"\1", inner)
