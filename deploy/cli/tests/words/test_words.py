"""`guichet words`: a letter as citizens read it, counted; a trial goes to the town's own people alone."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guichet.channel.host.errand import Answer, Request
from guichet.channel.word_previews import KINDS
from guichet_cli.words import command
from guichet_testing.builders.example_town import EXAMPLE_TOWN

SHORT = "TERRASSE {{ received_on }} {{ reference }} {{ department.name }} {{ follow_url }} {{ privacy_url }}"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


def ran(town: Path, *args: str) -> Result:
    return CliRunner().invoke(command.app, [*args, "--town", str(town)])


def test_a_letter_by_sms_is_shown_with_its_length_its_sms_and_its_cost(town: Path) -> None:
    done = ran(town, "preview", "receipt", "--channel", "sms")
    assert done.exit_code == 0
    assert "Mairie de Saint-Aubin-des-Prés : message parvenu le 1er mai 2026" in done.output
    assert "caractères, 2 message(s) facturé(s) de 153 caractères, 0,150 EUR vers la France" in done.output
    assert "modèles : receipt_short " in done.output


def test_a_procedures_own_words_are_shown_with_where_they_stand(town: Path) -> None:
    folder = town / "templates/procedures/terrasse"
    folder.mkdir(parents=True)
    (folder / "receipt_short.txt").write_text(SHORT)
    done = ran(town, "preview", "receipt", "--channel", "sms", "--procedure", "terrasse")
    assert "\nTERRASSE 1er mai 2026 2026-7F3K-29Q" in done.output
    assert "modèles : procedures/terrasse/receipt_short " in done.output
    assert "    procedures/terrasse/receipt_short " in ran(town, "list").output


def test_every_kind_has_a_preview_by_mail_and_those_that_leave_by_sms_one_there(town: Path) -> None:
    by_mail, by_sms = ran(town, "preview").output, ran(town, "preview", "--channel", "sms").output
    assert [kind for kind, title in KINDS.items() if title.fr not in by_mail] == []
    assert [kind for kind, title in KINDS.items() if title.fr not in by_sms] == ["mail_instead", "another_way"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("recu",), "Il n’y a pas de lettre recu"),
        (("receipt", "--channel", "pigeon"), "Il n’y a pas de canal pigeon."),
        (("receipt", "--procedure", "rien"), "Il n’y a pas de démarche rien."),
        (("another_way", "--channel", "sms"), "another_way ne part jamais par sms."),
    ],
)
def test_what_there_is_not_is_said(town: Path, args: tuple[str, ...], sentence: str) -> None:
    done = ran(town, "preview", *args)
    assert (done.exit_code, sentence in done.output) == (1, True)


def test_what_guichet_brings_along_is_printed_as_a_beginning_for_the_towns_own(town: Path) -> None:
    printed = ran(town, "source", "closed_mail").output
    assert "{{ reopens_until }}" in printed
    (town / "templates/closed_mail.txt").write_text(printed.replace("Bonjour", "Madame, Monsieur"))
    assert "Madame, Monsieur," in ran(town, "preview", "closed").output
    assert "In English" not in ran(town, "preview", "closed").output, "its English would be of other words"


def trial(town: Path, monkeypatch: pytest.MonkeyPatch, to: str, *args: str) -> tuple[Result, list[Request]]:
    asked: list[Request] = []

    async def ask_intake(_town: Path, request: Request, _environment: Mapping[str, str]) -> Answer:
        asked.append(request)
        return Answer(verdict="done", lines=("contact@mairie.example",))

    monkeypatch.setattr(command, "ask_intake", ask_intake)
    return ran(town, "send-test", "receipt", "--to", to, *args), asked


def test_a_trial_goes_to_a_mailbox_of_the_town(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, [asked] = trial(town, monkeypatch, "contact@mairie.example", "--channel", "sms")
    assert (done.exit_code, done.output) == (0, "L’essai est parti vers contact@mairie.example.\n")
    _, to, subject, text = asked.words
    assert (asked.name, to, subject) == ("words-trial", "contact@mairie.example", "receipt")
    assert "2 message(s) facturé(s)" in text


@pytest.mark.parametrize("address", ["jeanne@citoyen.example", "CONTACT@mairie.example ", ""])
def test_nobody_else_can_get_one(town: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    done, asked = trial(town, monkeypatch, address)
    assert (done.exit_code, "ne part que vers une boîte de la ville" in done.output, asked) == (1, True, [])


def test_a_demonstration_sends_none(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (town / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    done, asked = trial(town, monkeypatch, "contact@mairie.example")
    assert (done.exit_code, "démonstration" in done.output, asked) == (1, True, [])
