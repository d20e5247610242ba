"""The clock of the stack: the machine's, which a test or a person may move for every process at once."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from guichet.clock import move_clock
from guichet_local.commands.terminal import Terminal
from guichet_local.errors import LocalStackError, NotRunningError
from guichet_local.machine.paths import CLOCK

_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_MOVE: Final = re.compile(r"([+-]\d+)([dhms])", re.ASCII)
BACK: Final = "real"
FURTHEST: Final = timedelta(days=365_000)  # every process adds it to the time, and dates end with the year 9999


def move_the_clock(terminal: Terminal, folder: Path, words: list[str]) -> None:
    """Move the clock as `clock +3d`, `clock -1h` or `clock real` says, and tell where it stands; without words, tell.

    Raises LocalStackError for other words, and where no stack has run.
    """
    if not (folder / CLOCK).exists():
        raise NotRunningError("Guichet has never run here: start it with `make run`.")
    for word in words:
        move_clock(folder / CLOCK, read_move(word, moved=move_clock(folder / CLOCK, timedelta(0))))
    terminal.line(f"Moved by: {move_clock(folder / CLOCK, timedelta(0))}")


def read_move(word: str, *, moved: timedelta) -> timedelta:
    """Return by how much to move. moved: how far it is moved already. Pure. Raises LocalStackError."""
    if word == BACK:
        return -moved
    found = _MOVE.fullmatch(word)
    if found is None:
        raise LocalStackError(f"{word!r} is no move of the clock: say +3d, -1h, +90m, +5s, or real for the machine's.")
    try:
        by = int(found[1]) * _UNITS[found[2]]
        is_too_far = abs(moved + by) > FURTHEST
    except (OverflowError, ValueError):  # more than a timedelta holds, more digits than Python reads
        is_too_far = True
    if is_too_far:
        raise LocalStackError(f"{word[:20]} is too far: the clock moves by a thousand years at most, either way.")
    return by
