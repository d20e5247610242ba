"""The mail that the town sent to itself is found by its id, and nothing in the mailbox is changed."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from guichet.errors import GuichetError, SettingsError
from guichet.runtime.settings import SmtpSettings
from guichet_local.machine.ports import free_ports
from guichet_mail.receive.imap.trial.find import find_trial
from guichet_mail.send.trial import send_trial
from guichet_mail.settings import MailSettings
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.real.maildir import Mailbox
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, PASSWORD

TRIAL = "<guichet-1@mairie.example>"
MAIL = b"""\
Authentication-Results: mx.mairie.example; spf=softfail smtp.mailfrom=mairie.example; dmarc=pass
From: contact@mairie.example
Message-ID: <guichet-1@mairie.example>

Essai.
"""


def write_account(town: Path, dovecot: Dovecot, **more: object) -> None:
    account = {"host": dovecot.host, "port": dovecot.tls_port, "user": CONTACT, "since": "2026-01-01"}
    said = {"imap": {"contact": account | {"authserv_id": "mx.mairie.example"} | more}}
    (town / "mail.yaml").write_text(json.dumps(said))


@pytest.fixture
def mailbox(dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    copytree(EXAMPLE_TOWN, tmp_path / "town")
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path / "town"))
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_PASSWORD", PASSWORD)
    write_account(tmp_path / "town", dovecot)
    return dovecot.add_user(CONTACT, PASSWORD)


async def test_it_is_found_once_it_is_there(dovecot: Dovecot, mailbox: Mailbox) -> None:
    settings = MailSettings(imap_ca_file=dovecot.authority)
    mailbox.deliver([MAIL.replace(b"guichet-1", b"guichet-2")])
    assert await find_trial(settings, ("contact", TRIAL)) == []
    mailbox.deliver([MAIL])
    assert await find_trial(settings, ("contact", TRIAL)) == ["spf softfail - own", "dkim - - own", "dmarc pass - own"]
    assert [each.flags - {"\\Recent"} for each in mailbox.listing()] == [frozenset(), frozenset()]


async def test_it_is_found_where_a_guichet_that_runs_has_moved_it(
    dovecot: Dovecot, mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.add_folder("Traités").deliver([MAIL])
    write_account(tmp_path / "town", dovecot, afterwards={"move": "Traités"})
    found = await find_trial(MailSettings(imap_ca_file=dovecot.authority), ("contact", TRIAL))
    assert found[0] == "spf softfail - own"


async def test_a_trial_goes_to_the_town_alone(mailbox: Mailbox) -> None:
    [port] = free_ports(1)
    relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    with pytest.raises(SettingsError, match=r"citizen@courriel\.example is no mailbox of town\.yaml"):
        await send_trial(relay, (TRIAL, "citizen@courriel.example"))
    with pytest.raises(GuichetError, match=rf"127\.0\.0\.1:{port} did not take the mail"):
        await send_trial(relay, (TRIAL, CONTACT))
