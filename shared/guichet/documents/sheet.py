"""What each printed document has: the town's head, a recipient behind an envelope's window, a signature. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final, Literal

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.long_dates import long_date

Language = Literal["fr", "en"]

MOST_LINES: Final = 6
LONGEST_LINE: Final = 80
"""Signs. La Poste wants 38 at most (NF Z 10-011); a longer line is printed narrower."""


class UnfitAddressError(ValueError):
    """An address that does not stand in an envelope's window: no line, too many, or one that is too long."""


@dataclass(frozen=True)
class Recipient:
    """Who gets a letter. lines: as they stand on an envelope, the name first, the postal code and the town last.

    Raises UnfitAddressError where that is not 1 to MOST_LINES lines of 1 to LONGEST_LINE signs.
    """

    lines: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        tidy = tuple(" ".join(line.split()) for line in self.lines)
        object.__setattr__(self, "lines", tidy)
        if not 1 <= len(tidy) <= MOST_LINES or not all(1 <= len(line) <= LONGEST_LINE for line in tidy):
            raise UnfitAddressError(f"1 to {MOST_LINES} lines of 1 to {LONGEST_LINE} signs are printed")


@dataclass(frozen=True)
class Letterhead:
    """Who writes. town: as it calls itself, such as « Mairie d’Exemple ». address: of the department, line by line."""

    town: str
    department: str
    address: tuple[str, ...]
    phone: str
    email: str


@dataclass(frozen=True)
class Signature:
    """Who answers for it (docs/law.md 25, 58). acts_for: such as « Pour le maire et par délégation, », or a blank.

    name: given name and surname; a blank of an agent whose anonymity the town protects. address: administrative.
    """

    acts_for: str
    name: str
    capacity: str
    address: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """Where, when and to whom. place: where it is written. footer: at the foot of each page.

    language: what the frame is worded in.
    """

    letterhead: Letterhead
    recipient: Recipient
    reference: str
    place: str
    day: date
    footer: str = ""
    language: Language = "fr"


@dataclass(frozen=True)
class Fact:
    """A line such as « Référence : 2026-W4HD-93R »."""

    label: str
    value: str = field(repr=False)
    strong: bool = False


_REFERENCE: Final = {"fr": "Référence :", "en": "Reference:"}
_PAGES: Final = {"fr": ("page ", " sur "), "en": ("page ", " of ")}


def said_by(sheet: Sheet, title: str, signature: Signature | None, facts: tuple[Fact, ...] = ()) -> dict[str, Any]:
    """Return what a template's sheet says. title: of the PDF, which names nobody. facts: below the town's head."""
    day = long_date(sheet.day, sheet.language)
    written = f"{sheet.place}, le {day}" if sheet.language == "fr" else f"{sheet.place}, {day}"
    reference = Fact(_REFERENCE[sheet.language], sheet.reference, strong=True)
    return {
        "title": f"{sheet.letterhead.town}, {title} ({sheet.reference})",
        "language": sheet.language,
        "head": asdict(sheet.letterhead),
        "recipient": list(sheet.recipient.lines),
        "facts": rows((reference, *facts)),
        "dated": written,
        "running": f"{sheet.letterhead.town} · {sheet.reference} · {day}",
        "footer": sheet.footer,
        "page": _PAGES[sheet.language],
        "signature": None if signature is None else asdict(signature),
    }


def rows(facts: tuple[Fact, ...]) -> list[Mapping[str, Any]]:
    """Return facts as a template takes them."""
    return [{**asdict(fact), "label": with_no_break_spaces(fact.label)} for fact in facts]
