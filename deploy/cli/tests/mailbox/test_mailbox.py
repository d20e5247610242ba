"""`guichet mailbox`: what the code of mail says is said, and the status tells whether all is well."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guichet.channel.declaration import Provider
from guichet.channel.host.errand import Errands, Request
from guichet.errors import GuichetError
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import installed_facts
from guichet_cli.mailbox.command import app
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    town = tmp_path / "town"
    shutil.copytree(EXAMPLE_TOWN, town)
    monkeypatch.setenv("GUICHET_TOWN", str(town))
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_PASSWORD", "secret")
    return town


def guichet(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_a_town_that_reads_no_mailbox_is_told_so(town: Path) -> None:
    done = guichet("check")
    assert done.exit_code == 1
    assert "ne nomme aucune boîte relevée par IMAP" in done.output


def test_a_mailbox_that_cannot_be_read_is_said_in_a_sentence(town: Path) -> None:
    [port] = free_ports(1)
    (town / "mail.yaml").write_text(
        f"imap:\n  contact: {{host: 127.0.0.1, port: {port}, user: contact@mairie.example, since: 2026-12-01}}\n"
    )
    for words in (["check"], ["check", "contact"], ["preview", "contact"]):
        done = guichet(*words)
        assert (done.exit_code, done.output) == (
            1,
            f"contact: 127.0.0.1:{port} ne prend pas la connexion (connexion refusée).\n",
        )
        assert guichet(*words, "--lang", "en").output == (
            f"contact: 127.0.0.1:{port} takes no connection (Connection refused).\n"
        )


def test_a_demonstration_reads_none(town: Path) -> None:
    with (town / "town.yaml").open("a") as file:
        file.write("\ndemonstration: true\n")
    for words in (["check"], ["preview", "contact"]):
        done = guichet(*words)
        assert done.exit_code == 1
        assert "This town is a demonstration (town.yaml): no mailbox is read." in done.output


def test_a_mistake_in_the_file_is_said_with_its_line(town: Path) -> None:
    (town / "mail.yaml").write_text("imap:\n  contact: {host: h, user: contact@mairie.example}\n")
    done = guichet("check")
    assert done.exit_code == 1
    assert "mail.yaml:2: imap.contact.since: ce champ manque : le premier jour dont les courriels" in done.output


class Settings(SettingsGroup):
    loft_feather: str = "grey"


async def coo(settings: Settings, words: tuple[str, ...]) -> list[str]:
    if words == ("wrong",):
        raise GuichetError("the loft is empty\nand cold")
    return [settings.loft_feather, *words]


@pytest.mark.parametrize(
    ("name", "words", "verdict", "lines"),
    [
        ("coo", ("twice",), "done", ("grey", "twice")),
        ("coo", ("wrong",), "refused", ("the loft is empty", "and cold")),
        ("fly", (), "never", ()),
    ],
)
async def test_a_provider_says_what_else_its_code_does(
    name: str, words: tuple[str, ...], verdict: str, lines: tuple[str, ...]
) -> None:
    answer = await Errands(Provider("loft", Settings, acts={"coo": coo})).answer(
        Request(ask="act", name=name, words=words)
    )
    assert (answer.verdict, answer.lines) == (verdict, lines)


def test_of_guichet_s_own_channels_one_has_mailboxes() -> None:
    assert [name for name, facts in installed_facts().items() if facts.has_mailboxes] == ["email"]
