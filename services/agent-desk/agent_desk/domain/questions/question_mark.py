"""What an answer asks by a form: its mark says how, its own words say what (docs/decisions/0108). Pure.

The mark stands where that of pieces does (asked_mark), in form and draft: no word of a question lies there unsealed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from guichet.contracts.questions import CHOICES_AT_MOST, LONGEST_LABEL, Asked, AskedField, FieldKind

QUESTIONS_AT_MOST: Final = 8  # of one letter: whoever wants more wants a procedure
_BEGINS: Final = "question"
_REQUIRED: Final = "!"
_NUMBERED: Final = re.compile(r"(\d{1,2})\. (.+)")
_CHOICES: Final = re.compile(r"(.+?)\s*\(([^()]+(?: / [^()]+)+)\)\s*")


@dataclass(frozen=True)
class QuestionMark:
    """kinds: of each question, in the order of their numbers. required: their places. until: the last day."""

    until: date
    kinds: tuple[FieldKind, ...]
    required: frozenset[int] = frozenset()

    def __str__(self) -> str:
        asked = (f"{kind}{_REQUIRED if place in self.required else ''}" for place, kind in enumerate(self.kinds))
        return " ".join((_BEGINS, self.until.isoformat(), *asked))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a form says; None: it says nothing of a question that a page of ours has written."""
        begins, _, rest = text.partition(" ")
        day, *asked = rest.split(" ")
        if begins != _BEGINS or not 0 < len(asked) <= QUESTIONS_AT_MOST:
            return None
        try:
            kinds = tuple(FieldKind(each.removesuffix(_REQUIRED)) for each in asked)
            mark = cls(date.fromisoformat(day), kinds, frozenset(_places_of_required(asked)))
        except ValueError:
            return None
        return mark if str(mark) == text else None

    @classmethod
    def of(cls, asked: Asked, words: str) -> Self | None:
        """Return the mark of a letter that asked so; None where its words are about something else, such as pieces."""
        required = frozenset(place for place, each in enumerate(asked.fields) if each.required)
        mark = cls(asked.until, tuple(each.kind for each in asked.fields), required)
        said = mark.asked(words)
        is_so = said is not None and said.fields == asked.fields and len(said.fields) <= QUESTIONS_AT_MOST
        return mark if is_so else None

    def asked(self, words: str) -> Asked | None:
        """Return what these words ask; None where they do not say each question under its number, or no choices."""
        fields = [
            _field(kind, label, required=place in self.required)
            for place, (kind, label) in enumerate(zip(self.kinds, numbered(words, len(self.kinds)), strict=False))
        ]
        if len(fields) != len(self.kinds) or None in fields:
            return None
        return Asked(fields=tuple(each for each in fields if each is not None), until=self.until)


def numbered(words: str, count: int) -> Sequence[str]:
    """Return the last lines of a text that are numbered from 1 to count, one below the other; none where none are."""
    lines, found = [each.strip() for each in words.splitlines()], list[str]()
    last: Sequence[str] = ()
    for line in [*lines, ""]:
        match = _NUMBERED.fullmatch(line)
        if match is not None and int(match[1]) == len(found) + 1:
            found.append(match[2])
            continue
        last = found if len(found) == count else last
        found = [match[2]] if match is not None and match[1] == "1" else []
    return last


def _places_of_required(asked: Sequence[str]) -> Iterator[int]:
    return (place for place, each in enumerate(asked) if each.endswith(_REQUIRED))


def _field(kind: FieldKind, label: str, *, required: bool) -> AskedField | None:
    """Return a field; None where its line is too long, or names no choices."""
    if len(label) > LONGEST_LABEL:
        return None
    if kind is not FieldKind.CHOICE:
        return AskedField(kind=kind, label=label, required=required)
    found = _CHOICES.fullmatch(label)
    choices = [*dict.fromkeys(each.strip() for each in found[2].split(" / "))] if found is not None else []
    if found is None or not 1 < len(choices) <= CHOICES_AT_MOST or not all(choices):
        return None
    return AskedField(kind=kind, label=found[1], choices=tuple(choices), required=required)
