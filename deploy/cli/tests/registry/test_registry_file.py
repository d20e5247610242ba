"""A file of citizens is read whole, or every wrong line is named."""

import pytest

from guichet.contracts.inbound_content import Identifier
from guichet_cli.registry.file import Complaint, read_citizens
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.example_town import EXAMPLE_TOWN

EXAMPLE = EXAMPLE_TOWN / "citizens.csv"
HEADER_OF_BEFORE = "given_name,family_name,birth_year,emails,phones,telegram_ids,address,provenance,verified"
HEADER = "given_name,family_name,birth_year,identifiers,address,provenance,verified"
GOOD = "Amina,Benali,1984,amina@courriel.example;a@travail.example,06 39 98 01 01,710000101,12 rue X,guichet,yes"


def read(*lines: str):
    return read_citizens(iter([HEADER_OF_BEFORE, *lines]), FACTS.kinds)


def test_a_citizen_has_every_address_in_its_one_written_form():
    [row], complaints = read(GOOD)
    assert not complaints
    assert row.record.full_name == "Amina Benali"
    assert (row.record.birth_year, row.verified, row.provenance) == (1984, True, "import:guichet")
    assert row.identifiers == (
        Identifier(kind="email", value="amina@courriel.example"),
        Identifier(kind="email", value="a@travail.example"),
        Identifier(kind="phone", value="+33639980101"),
        Identifier(kind="telegram", value="710000101"),
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (GOOD.replace("Amina,Benali", ","), "neither given_name nor family_name"),
        (GOOD.replace("1984", "84"), "birth_year is “84”; write four digits or leave it blank"),
        (GOOD.replace("06 39 98 01 01", "0639"), "phones: “0639” is no phone; write it like +33639980142"),
        (
            GOOD.replace("a@travail.example", "a.travail"),
            "emails: “a.travail” is no mail address; write it like perrine.vauquelin@courriel.example",
        ),
        (GOOD.replace("710000101", "@amina"), "telegram_ids: “@amina” is no telegram user id; write it like 710000101"),
        (GOOD.replace(",yes", ",oui"), "verified is “oui”; write yes or no"),
        (GOOD.replace("guichet", ""), "no provenance: say where the town has these addresses from"),
        (
            "A,B,,,,,rue,guichet,no",
            "no address: identifiers needs one at which the citizen is recognised",
        ),
        (GOOD + ",more", "more fields than columns; an address with a comma needs quotation marks"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line, complaint):
    rows, complaints = read(GOOD, line)
    assert complaints == [Complaint(3, complaint)]
    assert len(rows) == 1


def test_a_short_line_is_complained_about_and_does_not_crash():
    rows, complaints = read("Amina")
    assert not rows
    assert {complaint.line for complaint in complaints} == {2}


def test_missing_columns_are_named():
    assert read_citizens(iter(["given_name,family_name"]), FACTS.kinds)[1][0].text.endswith(
        "birth_year, identifiers, address, provenance, verified"
    )


def test_the_example_town_s_file_is_right():
    with EXAMPLE.open(encoding="utf-8", newline="") as lines:
        rows, complaints = read_citizens(lines, FACTS.kinds)
    assert not complaints
    assert len(rows) >= 200


ONE_COLUMN = "Amina,Benali,1984,{},12 rue X,guichet,yes"


def test_one_column_holds_addresses_of_every_kind():
    said = "email:amina@courriel.example; email:a@travail.example;phone:06 39 98 01 01;telegram:710000101"
    [row], complaints = read_citizens(iter([HEADER, ONE_COLUMN.format(said)]), FACTS.kinds)
    assert not complaints
    assert row.identifiers == read(GOOD)[0][0].identifiers


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("", "no address: identifiers needs one at which the citizen is recognised"),
        ("telegram:@amina", "identifiers: “telegram:@amina” is no telegram user id; write it like 710000101"),
        (
            "pigeon:7",
            "identifiers: “pigeon:7” is no address of a kind that is known here; "
            f"write kind:value, the kind one of {', '.join(sorted(FACTS.kinds))}",
        ),
    ],
)
def test_what_is_wrong_in_the_one_column_is_quoted(said, complaint):
    assert read_citizens(iter([HEADER, ONE_COLUMN.format(said)]), FACTS.kinds) == ([], [Complaint(2, complaint)])
