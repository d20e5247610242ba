"""A trial of the town's words leaves by its relay, says that it is one, and goes to no citizen."""

import shutil
from email.message import EmailMessage
from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet.runtime.settings import SmtpSettings
from guichet_mail.send import trial
from guichet_testing.builders.example_town import EXAMPLE_TOWN

RELAY = SmtpSettings(smtp_host="relais.mairie.example")


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """What left, of a town that is a copy of the example."""
    monkeypatch.setenv("GUICHET_TOWN", str(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town")))
    mails: list[EmailMessage] = []

    async def send(mail: EmailMessage, **_: object) -> None:
        mails.append(mail)

    monkeypatch.setattr(trial.aiosmtplib, "send", send)
    return mails


def words(to: str) -> tuple[str, ...]:
    return ("<essai@mairie.example>", to, "demande 2026-7F3K-29Q enregistrée", "Bonjour,\n\nReçu.")


async def test_it_says_that_it_is_one_and_nobody_answers_it(sent: list[EmailMessage]) -> None:
    assert await trial.send_words_trial(RELAY, words("voirie@mairie.example")) == ["contact@mairie.example"]
    [mail] = sent
    assert mail["Subject"] == "[ESSAI] demande 2026-7F3K-29Q enregistrée"
    assert mail["To"] == "voirie@mairie.example"
    assert (mail["Auto-Submitted"], mail["X-Guichet-Message"]) == ("auto-generated", "trial")
    assert mail.get_content().startswith("[Essai des textes de la mairie")
    assert mail.get_content().endswith("Bonjour,\n\nReçu.\n")


async def test_a_subject_of_two_lines_is_one(sent: list[EmailMessage]) -> None:
    id_, to, _, text = words("voirie@mairie.example")
    await trial.send_words_trial(RELAY, (id_, to, "demande\nenregistrée", text))
    assert [mail["Subject"] for mail in sent] == ["[ESSAI] demande enregistrée"]


async def test_an_agent_of_the_towns_files_gets_one(sent: list[EmailMessage]) -> None:
    address = "claire.dumas@mairie.example"
    await trial.send_words_trial(RELAY, words(address))
    assert [mail["To"] for mail in sent] == [address]


@pytest.mark.parametrize("address", ["jeanne@citoyen.example", "voirie@mairie.example, jeanne@citoyen.example", ""])
async def test_nobody_else_gets_one(sent: list[EmailMessage], address: str) -> None:
    with pytest.raises(SettingsError, match="a trial goes to no citizen"):
        await trial.send_words_trial(RELAY, words(address))
    assert sent == []


async def test_nor_does_anybody_of_a_demonstration(sent: list[EmailMessage]) -> None:
    with (Path(trial.TownFolder().town or "") / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    with pytest.raises(SettingsError, match="demonstration"):
        await trial.send_words_trial(RELAY, words("voirie@mairie.example"))
    assert sent == []
