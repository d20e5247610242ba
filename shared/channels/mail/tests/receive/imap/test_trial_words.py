"""What a newcomer is told of a mailbox that is well, and of the mistakes that are made first."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from structlog.testing import capture_logs

from guichet.clock import make_clock_file
from guichet.errors import GuichetError
from guichet_mail.receive.imap.trial import check
from guichet_mail.receive.imap.trial.preview import preview_mailbox
from guichet_mail.receive.imap.trial.trial import Trial
from guichet_mail.settings import MailSettings
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from shared.channels.mail.tests.receive.imap.odd_server import OddServer, serving
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, a_mail


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OddServer]:
    copytree(EXAMPLE_TOWN, tmp_path / "town")
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path / "town"))
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_PASSWORD", "un mot de passe")
    async with serving(OddServer({uid: a_mail(uid) for uid in (1, 2, 3)})) as server:
        write(tmp_path, server)
        yield server


def write(tmp_path: Path, server: OddServer, **more: Any) -> None:
    usual = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": CONTACT, "since": "2026-01-01"}
    (tmp_path / "town" / "mail.yaml").write_text(json.dumps({"imap": {"contact": usual | more}}))


async def checked() -> str:
    try:
        return "\n".join(await check.check_mailboxes(MailSettings(), ()))
    except GuichetError as error:
        return str(error)


async def test_of_one_that_is_well_it_is_said_what_would_come_in(server: OddServer) -> None:
    said = await checked()
    assert "contact: ok: " in said
    assert f"since 2026-01-01: 3 mails, for {CONTACT}; afterwards they are left as they are" in said


async def test_a_password_that_is_refused_names_its_variable(server: OddServer) -> None:
    server.refusal = b"NO [AUTHENTICATIONFAILED] no\r\n"
    said = await checked()
    assert f"« {CONTACT} » is not let in (AUTHENTICATIONFAILED)" in said
    assert "the variable GUICHET_IMAP_CONTACT_PASSWORD." in said


async def test_a_preview_lists_the_folders_that_are_there(server: OddServer, tmp_path: Path) -> None:
    write(tmp_path, server, folder="Reçus")
    with pytest.raises(GuichetError, match="contact: there is no folder Reçus: there are Fait, INBOX"):
        await preview_mailbox(MailSettings(), ("contact",))


@pytest.mark.parametrize(("security", "is_asked"), [("none", True), ("starttls", True), ("tls", False)])
async def test_a_server_that_says_nothing_without_tls_may_want_it(
    server: OddServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str, is_asked: bool
) -> None:
    async def nothing(trial: Trial) -> str:
        raise TimeoutError

    monkeypatch.setattr(check, "_well", nothing)
    write(tmp_path, server, security=security)
    assert ("Does it want security: tls?" in await checked()) is is_asked


async def test_a_clock_that_can_be_moved_is_no_matter_of_theirs(
    server: OddServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clock_file(tmp_path / "clock")
    monkeypatch.setenv("GUICHET_CLOCK_FILE", str(tmp_path / "clock"))
    with capture_logs() as logs:
        assert "ok" in await checked()
    assert logs == []
