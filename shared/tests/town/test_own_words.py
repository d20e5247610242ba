"""A town's words of a channel, of a procedure and in other languages: files found by name, proved as all others are."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import SettingsError
from guichet.ids import ProcedureId
from guichet.town import load_town
from guichet.town.samples import sample_receipts
from guichet.town.texts import Texts
from guichet.town.town import Town
from guichet.town.town_texts import Place, TownTexts
from guichet_testing.builders.example_town import EXAMPLE_TOWN

SHORT = (
    "{{ town_name }}, {{ received_on }}, {{ reference }}, {{ department.name }} : {{ follow_url }} {{ privacy_url }}"
)
OF_BOTH, OF_TERRACES, OF_TEXTS = ("sms", ProcedureId("urbanisme")), (None, ProcedureId("urbanisme")), ("sms", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town")) / "templates"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def said(town: Town, channel: str, procedure: str | None, name: str = "receipt_short") -> str:
    receipt = sample_receipts(town.name, town.departments["voirie"])[0]
    own = town.texts.of(channel, None if procedure is None else ProcedureId(procedure))
    text: str = getattr(own, name).render(receipt)
    return text


def test_the_words_of_a_procedure_on_a_channel_come_before_those_of_either(folder: Path) -> None:
    write(folder, "channels/sms/receipt_short.txt", f"SMS {SHORT}")
    write(folder, "procedures/urbanisme/receipt_short.txt", f"URBANISME {SHORT}")
    write(folder, "procedures/acte-etat-civil/channels/sms/receipt_short.txt", f"ACTE PAR SMS {SHORT}")
    town = load_town(folder.parent)
    assert said(town, "sms", None).startswith("SMS ")
    assert said(town, "sms", "urbanisme").startswith("URBANISME ")
    assert said(town, "telegram", "urbanisme").startswith("URBANISME ")
    assert said(town, "sms", "acte-etat-civil").startswith("ACTE PAR SMS ")
    assert said(town, "telegram", "acte-etat-civil").startswith("Mairie ")
    assert said(town, "telegram", None).startswith("Mairie ")
    assert said(town, "sms", "urbanisme", "receipt_mail") == said(town, "email", None, "receipt_mail")


def test_what_a_procedure_does_not_say_a_channel_says(folder: Path) -> None:
    write(folder, "channels/sms/receipt_short.txt", f"SMS {SHORT}")
    write(folder, "procedures/urbanisme/reply_short.txt", "{{ text }} {{ reference }} {{ follow_url }}")
    assert said(load_town(folder.parent), "sms", "urbanisme").startswith("SMS ")


def test_languages_stand_below_the_french_in_their_order(folder: Path) -> None:
    write(folder, "receipt_mail.de.txt", "Auf Deutsch:\n\nIhre Nachricht hat die Nummer {{ reference }}.")
    write(folder, "receipt_mail.en.txt", "In English:\n\nYour message has the number {{ reference }}.\n")
    text = said(load_town(folder.parent), "email", None, "receipt_mail")
    french, _, others = text.partition("\n\nIn English:\n\n")
    english, _, german = others.partition("\n\nAuf Deutsch:\n\n")
    assert french.startswith("Bonjour,")
    assert english == "Your message has the number 2026-7F3K-29Q."
    assert german == "Ihre Nachricht hat die Nummer 2026-7F3K-29Q."


def test_words_of_a_procedure_have_the_languages_beside_them_alone(folder: Path) -> None:
    """English of every letter below the French of one would say something else."""
    write(folder, "receipt_short.en.txt", "In English.")
    write(folder, "procedures/urbanisme/receipt_short.txt", SHORT)
    town = load_town(folder.parent)
    assert said(town, "sms", None).endswith("\n\nIn English.")
    assert "English" not in said(town, "sms", "urbanisme")


WRONG = [
    ("procedures/urbanisme/receipt_short.txt", "{{ reference }}", ":1: the text leaves out received_on"),
    ("procedures/urbanisme/receipt_mail.txt", "Bonjour\n{{ suivi }}", ":2: 'suivi' is undefined"),
    ("procedures/urbanisme/acknowledgement_mail.txt", "{{ reference }}", ":1: the text leaves out received_on"),
    ("procedures/urbanisme/channels/sms/reply_short.txt", "{{ text }} {% if %}", ":1: Expected an expression"),
    ("channels/sms/abuse_short.txt", " ", ":1: the text is blank"),
    ("receipt_mail.en.txt", "In English\n{{ suivi }}", ":2: 'suivi' is undefined"),
    ("receipt_mail.en.txt", "\n", ":1: the text is blank"),
    ("channels/sms/receipt_mail.txt", SHORT, ":1: no letter of sms is written as mail: it is short."),
    ("channels/email/receipt_short.txt", SHORT, ":1: no letter of email is written as short: it is mail."),
    ("channels/sms/reciept_short.txt", SHORT, ":1: no letter takes its words from this file; its name is one of"),
    ("procedures/urbanisme/receipts_mail.txt", SHORT, ":1: this letter is about requests of several procedures"),
    ("reciept_mail.en.txt", "In English", ":1: no letter takes a translation from this file"),
    ("receipt_subject.en.txt", "In English", ":1: no letter takes a translation from this file"),
    ("channels/sms/receipt_short.en.txt", "In English", ":1: it translates receipt_short.txt, which is not beside it."),
]


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG)
def test_words_that_are_wrong_name_their_file_and_line(folder: Path, name: str, text: str, sentence: str) -> None:
    path = write(folder, name, text)
    with pytest.raises(SettingsError) as caught:
        load_town(folder.parent)
    assert f"{path}{sentence}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("procedures/urbanism", "procedures/urbanism", "there is no procedure 'urbanism'."),
        ("channels/pigeon", "channels/pigeon", "there is no channel 'pigeon'."),
        (
            "procedures/urbanisme/channels/pigeon",
            "procedures/urbanisme/channels/pigeon",
            "there is no channel 'pigeon'.",
        ),
        ("chanels/sms", "chanels", "no letter takes its words from this folder"),
        ("procedures/urbanisme/sms", "procedures/urbanisme/sms", "no letter takes its words from this folder"),
    ],
)
def test_words_of_nothing_that_exists_are_a_mistake(folder: Path, name: str, wrong: str, sentence: str) -> None:
    write(folder, f"{name}/receipt_short.txt", SHORT)
    with pytest.raises(SettingsError) as caught:
        load_town(folder.parent)
    assert str(caught.value).startswith(f"{folder / wrong}: {sentence}")


def test_the_example_says_nothing_otherwise_unless_its_files_do() -> None:
    town = load_town(EXAMPLE_TOWN)
    assert town.texts.of("sms") is town.texts.base


@given(own=st.sets(st.sampled_from([OF_BOTH, OF_TERRACES, OF_TEXTS])), asked=st.sampled_from([OF_BOTH, OF_TEXTS]))
def test_the_words_that_a_letter_takes_are_of_the_place_that_says_most(own: set[Place], asked: Place) -> None:
    sets = {place: object.__new__(Texts) for place in own | ({OF_BOTH} if {OF_TERRACES, OF_TEXTS} <= own else set())}
    base = object.__new__(Texts)
    order: Sequence[Place] = [OF_BOTH, OF_TERRACES, OF_TEXTS] if asked == OF_BOTH else [OF_TEXTS]
    expected = next((sets[place] for place in order if place in sets), base)
    assert TownTexts(base, sets).of(*asked) is expected
