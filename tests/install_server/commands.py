"""The commands of a document, in its order: what a newcomer types. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

NOT_RUN: Final = "*Not run by the test"
_FENCE: Final = "```"
_COMMENT: Final = re.compile(r"\s{2,}# .*$|\s+# [^']*$")


@dataclass(frozen=True)
class Command:
    """One line to type. heading: of the part that it stands in."""

    heading: str
    line: str


def commands_of(document: str) -> list[Command]:
    """Return every line of its `sh` blocks but of those that are marked as not run."""
    return [command for command, is_run in _lines(document) if is_run]


def not_run(document: str) -> list[Command]:
    """Return those that are marked so."""
    return [command for command, is_run in _lines(document) if not is_run]


def _lines(document: str) -> Iterator[tuple[Command, bool]]:
    heading, before, in_block, is_run = "", "", False, True
    for line in document.splitlines():
        if line.lstrip().startswith(_FENCE):  # of a list's item, it is indented
            in_block = not in_block and line.strip() == f"{_FENCE}sh"
            is_run = not before.startswith(NOT_RUN)
        elif in_block and (typed := _COMMENT.sub("", line).strip()) and not typed.startswith("#"):
            yield Command(heading, typed), is_run
        elif not in_block and line.startswith("#"):
            heading = line.lstrip("# ")
        if line.strip() and not in_block:
            before = line
