"""Say what kind of error arose and where, without its words: those may quote a citizen, and no filter knows names.

Read along with the sealed dead letter, which keeps the words (`guichet dead-letters show`).
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from guichet.contracts.dead_letters import LONGEST_ERROR

_INNERMOST_FRAMES: Final = 20
_MOST_ERRORS: Final = 20  # of one chain or group
_IN_A_TRACEBACK: Final = re.compile(r'File "([^"]+)", line (\d+), in (.+)')
_TRACEBACK_BEGINS: Final = "Traceback (most recent call last)"

_OURS: Final = "guichet"

Locations = list[dict[str, Any]]


def error_locations(error: BaseException) -> Locations:
    """Return `error` and what caused it, outermost first: each one's class and its innermost frames."""
    return [
        {"class": _class_of(each), "frames": _frames(each)}
        for _, each in zip(range(_MOST_ERRORS), _chain(error, set()), strict=False)
    ]


def class_and_place(error: BaseException) -> str:
    """Return what a bug of an adapter's is known by, a word without its words: `KeyError:guichet_pigeon/parse.py:41`.

    The place is the innermost one in the package whose code it is, not in `guichet`, which called it, nor in a library
    that it called.
    """
    frames = [
        (frame.f_globals, frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    if not frames:
        return type(error).__name__
    places = [(_package_of(known), file, line) for known, file, line in frames]
    package = next((each for each, _, _ in places if each != _OURS), _OURS)
    _, file, line = [place for place in places if place[0] == package][-1]
    parts = Path(file).parts
    inside = parts[parts.index(package) :] if package in parts else parts[-2:]
    known = f"{type(error).__name__}:{'/'.join(inside)}:{line}"
    return known if len(known) <= LONGEST_ERROR else f"{type(error).__name__}:{inside[-1]}:{line}"


def without_traceback(text: str) -> str:
    """Return a text up to the traceback that somebody wrote into it, then the locations that the traceback names."""
    before, begins, written = text.partition(_TRACEBACK_BEGINS)
    if not begins:
        return text
    return " ".join((before.strip(), *(_location(*found) for found in _IN_A_TRACEBACK.findall(written)))).strip()


def _package_of(module: Mapping[str, Any]) -> str:
    """The outermost; of a module that was started by its name `__name__` says nothing."""
    return str(module.get("__package__") or module.get("__name__", "")).partition(".")[0]


def _chain(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _chain(inner, seen)
    cause = error.__cause__ if error.__suppress_context__ else error.__cause__ or error.__context__
    if cause is not None:
        yield from _chain(cause, seen)


def _class_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _frames(error: BaseException) -> list[str]:
    # walk_tb reads neither source lines nor locals.
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return [_location(code.co_filename, str(line), code.co_name) for code, line in frames[-_INNERMOST_FRAMES:]]


def _location(file: str, line: str, function: str) -> str:
    return f"{'/'.join(Path(file).parts[-3:])}:{line}:{function}"
