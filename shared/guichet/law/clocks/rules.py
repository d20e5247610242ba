"""What a town says of a procedure and of itself, for the clocks. A source that is None is still to be confirmed."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.in_force import Version, Versions

NORMAL: Final = "normal"
"""The priority of a case that nobody gave another."""

_UNCONFIRMED: Final = ("to be confirmed", "a confirmer")
"""In any case, with or without accents and marks, in whatever else is written: our own sentences say it so."""


class SilenceMeans(StrEnum):
    """What silence says when its delay is over."""

    ACCEPTS = "accepts"
    REJECTS = "rejects"
    NOTHING = "nothing"


def source_of(written: str) -> str | None:
    """Return the text that is cited; None where the words say that it is to be confirmed, or nothing at all."""
    letters = (each for each in unicodedata.normalize("NFKD", written).casefold() if not unicodedata.combining(each))
    said = " ".join("".join(each if each.isalnum() else " " for each in letters).split())
    return None if not said or any(words in said for words in _UNCONFIRMED) else " ".join(written.split())


@dataclass(frozen=True)
class SilenceRule:
    """source: the text that says so; None: to be confirmed, and nothing is ever said of it (docs/law.md 20, R4)."""

    means: SilenceMeans
    after: Delay
    source: str | None


@dataclass(frozen=True)
class Piece:
    """required_by: the text that says so, without which its lack moves no clock. indispensable: work waits for it."""

    required_by: str | None = None
    indispensable: bool = False


@dataclass(frozen=True)
class Targets:
    """The town's own, in working days from receipt; None: there is none."""

    first_answer: int | None = None
    closing: int | None = None


@dataclass(frozen=True)
class ProcedureRule:
    """One version of it. is_request: whether it asks for a decision. remedy: of the one before a court.

    targets: by priority.
    """

    is_request: bool
    silence: SilenceRule | None = None
    remedy: SilenceRule | None = None
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    targets: Mapping[str, Targets] = field(default_factory=dict)


@dataclass(frozen=True)
class TownRules:
    """procedures: by id. rights_roll: a GDPR month that ends on no working day ends on the next (docs/law.md 60)."""

    procedures: Mapping[str, Versions[ProcedureRule]]
    working_days: WorkingDays
    rights_roll: bool = True

    def procedure(self, name: str, on: date) -> Version[ProcedureRule] | None:
        """Return what is in force of it on a day; None: the catalogue knows nothing of that day."""
        found = self.procedures.get(name)
        return found.on(on) if found else None
