"""Which pieces an answer asks for, as its form and its draft say it: the last day of the time, then names. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from guichet.contracts.legal_facts import PIECES_AT_MOST
from guichet.town.values import is_name

LONGEST_MARK: Final = 4_000  # characters; what is cut off there is no mark


@dataclass(frozen=True)
class AskedMark:
    """names: of pieces, each once, in the order of the catalogue. until: the last day of the time given."""

    names: tuple[str, ...]
    until: date

    def __str__(self) -> str:
        return " ".join((self.until.isoformat(), *self.names))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a form says; None: it says nothing that a page of ours has written."""
        day, *names = text.split(" ")
        try:
            until = date.fromisoformat(day)
        except ValueError:
            return None
        is_sound = 0 < len(names) <= PIECES_AT_MOST and len({*names}) == len(names)
        mark = cls((*names,), until) if is_sound and all(is_name(each) for each in names) else None
        return mark if mark is not None and str(mark) == text else None
