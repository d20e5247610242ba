"""Read a file of citizens. Pure: text in, citizens or one complaint per line out.

Columns: given_name,family_name,birth_year,identifiers,address,provenance,verified. `identifiers` holds addresses as
`kind:value`, separated by ";" (email:amina@courriel.example;phone:06 39 98 01 01). A column for one kind, as emails,
phones or telegram_ids, holds its values alone; a file may have both. A citizen needs a name and one address at which
they can be recognised.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from guichet.contracts.channels import AddressKind
from guichet.contracts.inbound_content import Identifier, IdentifierKind
from guichet.privacy.normal_form import written_form
from guichet.store.registry.citizens import CitizenRecord

COLUMNS: Final = ("given_name", "family_name", "birth_year", "identifiers", "address", "provenance", "verified")
IMPORTED: Final = "import:"  # begins the provenance of every address that a file brought
Kinds = Mapping[IdentifierKind, AddressKind]
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
class _Address:
    """written: what stands in the column, to be quoted. kind: as the line says it, maybe none of ours."""

    column: str
    kind: str
    raw: str
    written: str


@dataclass(frozen=True)
class Complaint:
    """What is wrong in a line."""

    line: int
    text: str


def read_citizens(lines: Iterator[str], kinds: Kinds) -> tuple[list[Row], list[Complaint]]:
    """Return the citizens that can be read, and a complaint for each thing that cannot. kinds: of address."""
    reader = csv.DictReader(lines)
    named = [*(reader.fieldnames or ())]
    columns = {name: kind for kind in kinds for name in (f"{kind}s", f"{kind}_ids") if name in named}
    if missing := [name for name in COLUMNS if name not in named and not (name == "identifiers" and columns)]:
        return [], [Complaint(1, f"the first line must name the columns; missing: {', '.join(missing)}")]
    rows: list[Row] = []
    complaints: list[Complaint] = []
    for fields in reader:
        line = reader.line_num
        wrong: list[str] = []
        said = {name: (fields.get(name) or "").strip() for name in (*COLUMNS, *columns)}
        identifiers = _identifiers(_addresses(said, columns), kinds, wrong.append)
        row = _row(line, said, identifiers, wrong.append)
        if None in fields:
            wrong.append("more fields than columns; an address with a comma needs quotation marks")
        complaints.extend(Complaint(line, text) for text in wrong)
        rows.extend([] if wrong else [row])
    return rows, complaints


def _addresses(fields: Mapping[str, str], columns: Mapping[str, IdentifierKind]) -> Iterator[_Address]:
    """Yield the addresses of a line. columns: those that hold one kind of address."""
    for column, kind in columns.items():
        yield from (_Address(column, kind, raw, raw) for raw in _parts(fields[column]))
    for written in _parts(fields["identifiers"]):
        kind, _, raw = written.partition(":")
        yield _Address("identifiers", kind.strip(), raw.strip(), written)


def _parts(field: str) -> Iterator[str]:
    return filter(None, (part.strip() for part in field.split(";")))


def _row(
    line: int, fields: Mapping[str, str], identifiers: tuple[Identifier, ...] | None, complain: Callable[[str], None]
) -> Row:
    if not (fields["given_name"] or fields["family_name"]):
        complain("neither given_name nor family_name")
    if identifiers == ():
        complain("no address: identifiers needs one at which the citizen is recognised")
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
    return Row(line, record, identifiers or (), f"{IMPORTED}{fields['provenance']}", verified)


def _identifiers(
    addresses: Iterator[_Address], kinds: Kinds, complain: Callable[[str], None]
) -> tuple[Identifier, ...] | None:
    """Return them normalised, each once; None where one of them was complained of."""
    found: dict[tuple[IdentifierKind, str], Identifier] = {}
    wrong = False
    for each in addresses:
        kind = kinds.get(each.kind)
        value = written_form(kind, each.raw) if kind is not None else None
        if value is None:
            wrong = True
            complain(f"{each.column}: “{each.written}” is no {_described(kind, kinds)}")
        else:
            found[each.kind, value] = Identifier(kind=each.kind, value=value)
    return None if wrong else tuple(found.values())


def _described(kind: AddressKind | None, kinds: Kinds) -> str:
    if kind is None:
        return f"address of a kind that is known here; write kind:value, the kind one of {', '.join(sorted(kinds))}"
    return f"{kind.title.en[0].lower()}{kind.title.en[1:]}; write it like {kind.example}"


def _birth_year(text: str, complain: Callable[[str], None]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) in _BIRTH_YEARS):
        complain(f"birth_year is “{text}”; write four digits or leave it blank")
        return None
    return int(text)
