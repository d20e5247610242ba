"""What the town's own sheets say of who writes, and how a postal address becomes lines. Pure."""

import re
from typing import Final

from agent_desk.domain.cases.citizen_card import CitizenCard
from guichet.documents.sheet import Letterhead, Recipient, Signature
from guichet.french.prepositions import of_town
from guichet.town.organisation import Department

_BEFORE_POSTAL_CODE: Final = re.compile(r",?\s+(?=\d{5}\s)")
_CODE_AND_CEDEX: Final = re.compile(r"^\d{5}\s+|\s+cedex(\s+\d+)?$", re.IGNORECASE)
_BLANK_LINE: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def letterhead_of(department: Department, town: str) -> Letterhead:
    """Return who writes. town: its name alone."""
    address = tuple(address_lines(department.postal_address))
    return Letterhead(f"Mairie {of_town(town)}", department.name, address, department.phone, department.email)


def place_of(department: Department, town: str) -> str:
    """Return where a department's letters are written: the town of its postal address, else the one it belongs to."""
    last = address_lines(department.postal_address)[-1]
    return _CODE_AND_CEDEX.sub("", last) if re.match(r"\d{5}\s", last) else town


def address_lines(address: str) -> list[str]:
    """Return an address that may be written in one line, the postal code at the head of its own."""
    lines = (line.strip(" ,") for line in address.strip().splitlines())
    return [part for line in lines for part in _BEFORE_POSTAL_CODE.split(line) if part]


def recipient_text(card: CitizenCard | None) -> str:
    """Return what is known of a letter's recipient, line by line: their name, and their address where there is one."""
    if card is None or card.tampered:
        return ""
    return "\n".join([*filter(None, (card.name,)), *address_lines(card.address or "")])


def recipient_of(text: str) -> Recipient:
    """Return whom somebody typed, without blank lines. Raises UnfitAddressError."""
    return Recipient(tuple(line for line in text.splitlines() if line.strip()))


def paragraphs_of(words: str) -> tuple[str, ...]:
    """Return an answer's paragraphs: blank lines stand between them."""
    return tuple(_BLANK_LINE.split(words.strip()))


def signed_by(paragraphs: tuple[str, ...], department: Department) -> tuple[tuple[str, ...], Signature | None]:
    """Return an answer without its signature, and that; None where it has none that is known for one.

    It is what the composer puts below an answer (domain/composer/signature.py): a name, unless the town protects it,
    the capacity with the department, and an address, unless it stands elsewhere.
    """
    *before, last = paragraphs
    lines = last.split("\n")
    for place, line in enumerate(lines[:2]):
        if before and line.endswith(f", {department.name}") and len(lines) <= place + 2:
            name = lines[0] if place == 1 else ""
            return tuple(before), Signature("", name, line, tuple(lines[place + 1 :]))
    return paragraphs, None
