"""Read a file of citizens. Pure: text in, citizens or one complaint per line out.

Columns: given_name,family_name,birth_year,emails,phones,telegram_ids,address,provenance,verified. Several addresses in
one field are separated by ";". A citizen needs a name and one address at which they can be recognised.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from guichet.contracts.inbound_content import Identifier, IdentifierKind
from guichet.privacy.normal_form import normalised
from guichet.store.registry.citizens import CitizenRecord

COLUMNS: Final = (
    *("given_name", "family_name", "birth_year", "emails", "phones", "telegram_ids"),
    *("address", "provenance", "verified"),
)
IMPORTED: Final = "import:"  # begins the provenance of every address that a file brought
_KINDS: Final = {
    "emails": (IdentifierKind.EMAIL, "a mail address"),
    "phones": (IdentifierKind.PHONE, "a phone number"),
    "telegram_ids": (IdentifierKind.TELEGRAM, "a Telegram user id (digits)"),
}
_YES_OR_NO: Final = {"yes": True, "no": False, "": False}
_BIRTH_YEARS: Final = range(1890, 2100)


@dataclass(frozen=True)
class Row:
    """One citizen of the file. identifiers: normalised, each once."""

    line: int
    record: CitizenRecord
    identifiers: tuple[Identifier, ...]
    provenance: str
    verified: bool


@dataclass(frozen=True)
class Complaint:
    """What is wrong in a line."""

    line: int
    text: str


def read_citizens(lines: Iterator[str]) -> tuple[list[Row], list[Complaint]]:
    """Return the citizens that can be read, and a complaint for each thing that cannot."""
    reader = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        return [], [Complaint(1, f"the first line must name the columns; missing: {', '.join(missing)}")]
    rows: list[Row] = []
    complaints: list[Complaint] = []
    for fields in reader:
        line = reader.line_num
        wrong: list[str] = []
        row = _row(line, {name: (fields[name] or "").strip() for name in COLUMNS}, wrong.append)
        if None in fields:
            wrong.append("more fields than columns; an address with a comma needs quotation marks")
        complaints.extend(Complaint(line, text) for text in wrong)
        rows.extend([] if wrong else [row])
    return rows, complaints


def _row(line: int, fields: dict[str, str], complain: Callable[[str], None]) -> Row:
    if not (fields["given_name"] or fields["family_name"]):
        complain("neither given_name nor family_name")
    identifiers = _identifiers(fields, complain)
    if not any(fields[name] for name in _KINDS):
        complain("no address: one of emails, phones, telegram_ids is needed to recognise the citizen")
    if fields["verified"] not in _YES_OR_NO:
        complain(f"verified is “{fields['verified']}”; write yes or no")
    if not fields["provenance"]:
        complain("no provenance: say where the town has these addresses from")
    record = CitizenRecord(
        given_name=fields["given_name"] or None,
        family_name=fields["family_name"] or None,
        birth_year=_birth_year(fields["birth_year"], complain),
        address=fields["address"] or None,
    )
    verified = _YES_OR_NO.get(fields["verified"], False)
    return Row(line, record, identifiers, f"{IMPORTED}{fields['provenance']}", verified)


def _identifiers(fields: dict[str, str], complain: Callable[[str], None]) -> tuple[Identifier, ...]:
    found: dict[tuple[IdentifierKind, str], Identifier] = {}
    for column, (kind, what) in _KINDS.items():
        for raw in filter(None, (part.strip() for part in fields[column].split(";"))):
            value = normalised(kind, raw)
            if value is None:
                complain(f"{column}: “{raw}” is not {what}")
            else:
                found[kind, value] = Identifier(kind=kind, value=value)
    return tuple(found.values())


def _birth_year(text: str, complain: Callable[[str], None]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) in _BIRTH_YEARS):
        complain(f"birth_year is “{text}”; write four digits or leave it blank")
        return None
    return int(text)
