"""The example town's citizens: enough of them, several identifiers, families, namesakes, the sandbox's people."""

import csv
from collections import Counter
from pathlib import Path

import yaml

TOWN = Path(__file__).parents[1]
SANDBOX = TOWN.parent / "sandbox" / "citizen_sandbox" / "play" / "citizens.yaml"
UNKNOWN_TO_THE_REGISTRY = {"ngoc-anh-tran"}


def rows() -> list[dict[str, str]]:
    with (TOWN / "citizens.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(row: dict[str, str], field: str) -> list[str]:
    return [value for value in row[field].split(";") if value]


def test_two_hundred_citizens_with_at_least_one_identifier_each() -> None:
    people = rows()
    assert len(people) >= 200
    assert all(values(row, "emails") + values(row, "phones") + values(row, "telegram_ids") for row in people)
    assert sum(len(values(row, "emails") + values(row, "phones")) > 2 for row in people) > 30


def test_families_share_a_telephone_and_namesakes_share_nothing_else() -> None:
    people = rows()
    phones = Counter(phone for row in people for phone in values(row, "phones"))
    assert sum(count > 1 for count in phones.values()) > 30
    named: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in people:
        named.setdefault((row["given_name"], row["family_name"]), []).append(row)
    namesakes = [pair for pair in named.values() if len(pair) > 1]
    assert len(namesakes) >= 10
    for first, second, *_ in namesakes:
        assert not set(values(first, "emails") + values(first, "phones")) & set(
            values(second, "emails") + values(second, "phones")
        )


def test_every_number_and_address_is_fictional() -> None:
    for row in rows():
        assert all(phone.startswith(("+3363998", "+3319900")) and len(phone) == 12 for phone in values(row, "phones"))
        assert all(address.endswith(".example") for address in values(row, "emails"))


def test_the_sandboxs_people_are_registered_under_the_same_identifiers() -> None:
    known = {
        (address, phone): row for row in rows() for address in values(row, "emails") for phone in values(row, "phones")
    }
    for person in yaml.safe_load(SANDBOX.read_text(encoding="utf-8"))["citizens"]:
        row = known.get((person["email"], person["phone"]))
        if person["id"] in UNKNOWN_TO_THE_REGISTRY:
            assert row is None
            continue
        assert row is not None, person["id"]
        assert values(row, "telegram_ids") == [str(person["telegram"]["id"])]
        assert (row["given_name"], row["family_name"]) == (person["given_name"], person["family_name"])
