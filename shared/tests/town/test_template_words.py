"""A town's templates: its name as one says it, the spaces of French in a mail, the alphabet of an SMS in a short one."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guichet.channel.segments import is_in_seven_bits
from guichet.town import load_town
from guichet.town.migrations import table
from guichet.town.receipts import receipt_values, receipt_words, with_way_in
from guichet.town.samples import (
    sample_abuse_notices,
    sample_acknowledgements,
    sample_gathered,
    sample_receipts,
    sample_replies,
)
from guichet.town.texts import TextTemplate
from guichet.town.town import Town
from guichet_testing.builders.example_town import EXAMPLE_TOWN, the_example_town

PORTAL = "https://guichet.mairie.example"
EVENING = datetime(2026, 4, 30, 23, 30, tzinfo=UTC)
TERMS = "# terms: { published_on"
WAY_IN = "contact@mairie.example"
OF_BEFORE = Path(table.__file__).with_name("texts_of_0002")
MISSPACED = re.compile(r" [:;?!»](?![\w/])|« ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


def change(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), "utf-8")


def closed_to(folder: Path, channel: str) -> Town:
    """Return a town that only the portal's form and mails seize."""
    change(folder, "town.yaml", TERMS, TERMS.removeprefix("# "))
    change(folder, "channels.yaml", f"{channel}: {{ sve_status: saisine", f"{channel}: {{ sve_status: contact_only")
    return load_town(folder)


def receipt(town: Town, channel: str) -> str:
    values = receipt_values(
        town,
        PORTAL,
        channel,
        reference="2026-7F3K-29Q",
        received_at=EVENING,
        department=town.departments["voirie"],
        token="t" * 32,
    )
    return receipt_words(town, channel, values).text


def of_kind(town: Town, kind: str) -> Iterator[str]:
    """Yield each text of a kind with each of its samples."""
    department = town.departments["voirie"]
    samples = {
        "receipt": sample_receipts(town.name, department),
        "receipts": sample_gathered(town.name, department),
        "reply": sample_replies(town.name, department),
        "abuse": sample_abuse_notices(town.name, department),
        "acknowledgement": sample_acknowledgements(town.name, department),
    }
    for name, each_of in samples.items():
        template: TextTemplate = getattr(town.texts.base, f"{name}_{kind}")
        yield from (template.render(each) for each in each_of)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("is_of_before", [False, True])
def test_a_courtesy_receipt_says_where_a_message_does_seize_the_town(
    folder: Path, channel: str, is_of_before: bool
) -> None:
    """docs/law.md 3: also in the words of a town that wrote its templates before receipts could name it."""
    if is_of_before:
        change(folder, "templates/receipt_short.txt", "{{ seize_at }}", "notre site")
    assert WAY_IN not in receipt(load_town(folder), channel)
    assert WAY_IN in receipt(closed_to(folder, channel), channel)


@pytest.mark.parametrize("name", ["receipts_mail", "receipts_short"])
@pytest.mark.parametrize("is_of_before", [False, True])
def test_so_do_courtesy_receipts_that_are_gathered(folder: Path, name: str, is_of_before: bool) -> None:
    if is_of_before:
        shutil.copy(OF_BEFORE / f"{name}.txt", folder / "templates")
    town = load_town(folder)
    seizing, courtesy = sample_gathered(town.name, town.departments["voirie"])
    template = getattr(town.texts.base, name)
    assert courtesy.seize_at in with_way_in(template, courtesy)
    assert "saisi" not in with_way_in(template, seizing)


@pytest.mark.parametrize(
    ("name", "mail", "short"),
    [
        ("Le Havre", "La mairie du Havre a reçu", "Mairie du Havre :"),
        ("Arles", "La mairie d’Arles a reçu", "Mairie d'Arles :"),
        ("Yutz", "La mairie de Yutz a reçu", "Mairie de Yutz :"),
    ],
)
def test_the_town_is_named_as_one_says_it(folder: Path, name: str, mail: str, short: str) -> None:
    change(folder, "town.yaml", "name: Saint-Aubin-des-Prés", f"name: {name}")
    town = load_town(folder)
    assert mail in receipt(town, "email")
    assert short in receipt(town, "sms")
    assert not [text for kind in ("mail", "short") for text in of_kind(town, kind) if f"de {name}" in text] or (
        name == "Yutz"
    )


def test_a_mail_has_the_spaces_and_apostrophes_of_print() -> None:
    for text in of_kind(the_example_town(), "mail"):
        french = text.split("In English:")[0]
        assert MISSPACED.findall(french) == []
        assert re.findall(r"\w'\w", french) == []


def test_the_service_and_its_address_stand_in_no_block_that_mail_programs_dim_or_fold() -> None:
    """What follows « -- » is grey in Thunderbird and Claws, and folded elsewhere; L111-2 wants the address read."""
    assert [text for text in of_kind(the_example_town(), "mail") if "\n-- \n" in text] == []


def test_an_sms_is_in_the_alphabet_that_costs_half() -> None:
    """« Reçu », and the no-break spaces of « 1 h 30 », made each receipt of five messages instead of two."""
    town = the_example_town()
    assert is_in_seven_bits(receipt(town, "sms"))
    assert [text for text in of_kind(town, "short") if not is_in_seven_bits(text.replace("\u00a0", " "))] == []
