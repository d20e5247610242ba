"""Which departments somebody means by a name that they typed. Pure."""

from collections.abc import Iterable, Mapping

from guichet.ids import DepartmentId
from guichet.search.words import words_of
from guichet.town.organisation import Department


def departments_called(typed: str, departments: Mapping[DepartmentId, Department]) -> frozenset[DepartmentId]:
    """Return the departments of whose name some words begin so, in this order: "voirie", "état civ", an id.

    typed: folded, as guichet.search.query reads it.
    """
    words = tuple(typed.split())
    return frozenset(
        name
        for name, department in departments.items()
        if _begin_so(words, words_of(department.name)) or _begin_so(words, words_of(name))
    )


def _begin_so(typed: tuple[str, ...], words: Iterable[str]) -> bool:
    there = tuple(words)
    return bool(typed) and any(_fits(typed, there[start:]) for start in range(len(there)))


def _fits(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(words) >= len(typed) and all(word.startswith(part) for part, word in zip(typed, words, strict=False))
