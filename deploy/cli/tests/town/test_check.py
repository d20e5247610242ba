"""`guichet town check`: each account is tried with what lies beside the town's folder, and what is wrong is a sentence."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from typer.testing import CliRunner, Result

from guichet.town.migrations.table import CURRENT
from guichet_cli.town.check import older_form
from guichet_cli.town.command import app
from guichet_cli.town.findings import State
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN

ONLY_MAIL = "channels:\n  email: { sve_status: saisine }\n  portal: { sve_status: saisine }\n"


class Relay:
    """Takes no mail: the check must send none."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.greeted = 0

    async def handle_EHLO(self, _server: object, session: Any, _envelope: object, hostname: str) -> str:
        self.greeted += 1
        session.host_name = hostname
        return "250 HELP"

    async def handle_MAIL(self, *_: object) -> str:
        self.told.append("MAIL")
        return "554 no"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    town = tmp_path / "town"
    shutil.copytree(EXAMPLE_TOWN, town)
    (town / "channels.yaml").write_text(ONLY_MAIL)
    return town


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    relay, [port] = Relay(), free_ports(1)
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    (tmp_path / "guichet.env").write_text(
        f"GUICHET_SMTP_HOST=127.0.0.1\nGUICHET_SMTP_PORT={port}\nGUICHET_SMTP_SECURITY=none\n"
    )
    yield relay
    controller.stop()


def check(town: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["check", str(town), *words])


def test_all_is_well_and_nothing_was_sent(town: Path, relay: Relay) -> None:
    done = check(town)
    assert done.exit_code == 0, done.output
    assert f"[ok] Fichiers de la ville ({town})" in done.output
    assert "[ok] mail (Courriel, Portail)" in done.output
    assert (relay.told, relay.greeted > 0) == ([], True)


def test_a_mistake_in_a_file_is_said_with_its_line(town: Path) -> None:
    (town / "mail.yaml").write_text("imap:\n  contact: {host: h, user: contact@mairie.example}\n")
    done = check(town)
    assert done.exit_code == 1
    assert "[NON] Fichiers de la ville" in done.output
    assert "mail.yaml:2: imap.contact.since: ce champ manque : le premier jour" in done.output
    assert "mail.yaml:2: imap.contact.since: this field is missing" in check(town, "--lang", "en").output
    assert "SMTP" not in done.output, "accounts are tried once the files are right"


def test_a_mailbox_that_cannot_be_read_and_an_account_without_variables_are_wrong(town: Path, relay: Relay) -> None:
    [port] = free_ports(1)
    (town / "mail.yaml").write_text(
        f"imap:\n  contact: {{host: 127.0.0.1, port: {port}, user: contact@mairie.example, since: 2026-12-01}}\n"
    )
    (town.parent / "secrets").mkdir()
    (town.parent / "secrets" / "given.env").write_text("GUICHET_IMAP_CONTACT_PASSWORD=secret\n")
    with (town / "channels.yaml").open("a") as file:
        file.write("  telegram: { sve_status: saisine }\n")
    done = check(town)
    assert done.exit_code == 1
    assert f"contact: 127.0.0.1:{port} ne prend pas la connexion (connexion refusée)." in done.output
    assert "[NON] Telegram\n     ouvert dans channels.yaml, mais aucune de ses variables" in done.output
    assert "[ok] mail" in done.output


def test_in_a_demonstration_no_account_and_no_mailbox_is_tried(town: Path, relay: Relay) -> None:
    (town / "mail.yaml").write_text(
        "imap:\n  contact: {host: 127.0.0.1, port: 9, user: contact@mairie.example, since: 2026-12-01}\n"
    )
    with (town / "town.yaml").open("a") as file:
        file.write("\ndemonstration: true\n")
    done = check(town)
    assert (done.exit_code, relay.greeted) == (0, 0)
    assert "[ok] Démonstration (town.yaml)\n     aucun compte n’est ouvert ni essayé" in done.output
    assert "Boîtes relevées" not in done.output


def test_a_folder_of_an_older_form_is_read_and_said_to_be_so(town: Path) -> None:
    path = town / "town.yaml"
    assert older_form(town) == []
    path.write_text(path.read_text().replace(f"version: {CURRENT}", f"version: {CURRENT - 1}"))
    [found] = older_form(town)
    assert found.state is State.TO_SEE
    assert f"guichet town migrate {town}" in found.said[0].fr


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("authorities:\n  region: { name: Conseil régional }\n", "personne ne peut lui écrire"),
        (
            "authorities:\n  a: { name: CAF, email: a@caf.example }\n  b: { name: CAF, email: b@caf.example }\n",
            "deux administrations s’appellent",
        ),
    ],
)
def test_a_mistake_in_the_directory_of_authorities_is_said_with_its_file(town: Path, written: str, said: str) -> None:
    (town / "authorities.yaml").write_text(written)
    result = check(town)
    assert result.exit_code != 0
    assert "authorities.yaml:" in result.output
    assert said in " ".join(result.output.split())


def test_a_town_without_the_directory_passes_nothing_on_and_is_sound(town: Path, relay: Relay) -> None:
    (town / "authorities.yaml").unlink()
    assert "authorities.yaml" not in check(town).output
