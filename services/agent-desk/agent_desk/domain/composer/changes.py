"""What differs between two texts, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final, Literal

_WORDS: Final = re.compile(r"\s*\S+|\s+$")  # each with the blanks before it


@dataclass(frozen=True)
class Passage:
    """A part of a text. kind: in both; "gone": in the older alone; "new": in the newer alone."""

    kind: Literal["same", "gone", "new"]
    text: str = field(repr=False)


def changes_between(older: str, newer: str) -> tuple[Passage, ...]:
    """Return the newer text in passages, with what is gone where it stood; nothing where no word differs."""
    before, after = _WORDS.findall(older.strip()), _WORDS.findall(newer.strip())
    return tuple(_passages(before, after)) if before != after else ()


def _passages(before: list[str], after: list[str]) -> Iterator[Passage]:
    for tag, from_before, to_before, from_after, to_after in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            yield Passage("same", "".join(after[from_after:to_after]))
            continue
        if to_before > from_before:
            yield Passage("gone", "".join(before[from_before:to_before]))
        if to_after > from_after:
            yield Passage("new", "".join(after[from_after:to_after]))
