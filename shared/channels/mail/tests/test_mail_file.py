"""mail.yaml: what it says, and that each mistake names file, account and field."""

import re
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from guichet.errors import SettingsError
from guichet_mail.imap_secrets import secrets_of
from guichet_mail.mail_file import ImapAccount, read_mail_file

ROOT = Path(__file__).parents[4]
CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"


def read(folder: Path, text: str) -> dict[str, ImapAccount]:
    (folder / "mail.yaml").write_text(text)
    return read_mail_file(folder, (CONTACT, VOIRIE)).imap


def account(folder: Path, more: str = "", *, user: str = CONTACT) -> ImapAccount:
    lines = f"imap:\n  contact:\n    host: imap.mairie.example\n    user: {user}\n    since: 2026-12-01\n"
    return read(folder, lines + "".join(f"    {line}\n" for line in more.splitlines()))["contact"]


def test_a_town_without_the_file_reads_no_mailbox(tmp_path: Path) -> None:
    assert read_mail_file(tmp_path, ()).imap == {}


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    found = account(tmp_path)
    assert found.address == ("imap.mairie.example", 993)
    assert (found.security, found.folder, found.signs_in_by) == ("tls", "INBOX", "password")
    assert (found.addresses, found.flag, found.moved_to) == ((CONTACT,), None, None)
    assert found.begins == datetime(2026, 12, 1, tzinfo=ZoneInfo("Europe/Paris"))


def test_a_preset_says_where_the_provider_is(tmp_path: Path) -> None:
    text = (
        f"imap:\n  contact:\n    preset: microsoft-365\n    user: {CONTACT}\n    since: 2026-12-01\n"
        "    oauth: {token_url: 'https://login.example/t/token', client_id: abc}\n"
    )
    found = read(tmp_path, text)["contact"]
    assert (found.address, found.signs_in_by) == (("outlook.office365.com", 993), "xoauth2")
    assert found.token_url == "https://login.example/t/token"
    assert found.scope == "https://outlook.office365.com/.default"


@pytest.mark.parametrize(
    ("more", "flag", "moved_to"),
    [
        ("afterwards: leave", None, None),
        ("afterwards: flag", "\\Flagged", None),
        ("afterwards: {flag: '\\Seen'}", "\\Seen", None),
        ("afterwards: {move: Traités}", None, "Traités"),
    ],
)
def test_what_becomes_of_a_mail_taken_in_is_said(tmp_path: Path, more: str, flag: str, moved_to: str) -> None:
    found = account(tmp_path, more)
    assert (found.flag, found.moved_to) == (flag, moved_to)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("folders: INBOX", r"mail\.yaml:6: imap\.contact\.folders: this field is unknown"),
        ("mailboxes: [contact@ailleurs.example]", r"imap\.contact\.mailboxes: contact@ailleurs\.example is no mailbox"),
        ("security: none", r"imap\.contact: security: only a mailbox of this machine"),
        ("sign_in: xoauth2", r"imap\.contact: oauth: xoauth2 needs this block, .* token_url, client_id and scope"),
        ("sign_in: xoauth2\noauth: {client_id: a}", r"imap\.contact: oauth\.token_url: no preset"),
        (
            "oauth: {client_id: a, token_url: 'https://a.example'}",
            r"imap\.contact: oauth: this account signs in by pass",
        ),
        (
            "sign_in: xoauth2\noauth: {client_id: a, token_url: 'http://a.example'}",
            r"oauth\.token_url: a secret is sent",
        ),
        (
            "afterwards: move",
            r"mail\.yaml:6: imap\.contact\.afterwards: `move` needs a folder: afterwards: { move: Traités }",
        ),
        ("afterwards: {move: }", r"imap\.contact\.afterwards: `move` needs a folder"),
        ("afterwards: delete", r"imap\.contact\.afterwards: 'delete' is none of .*; write leave, flag, "),
        ("afterwards: {move: Traités, flag: '\\Seen'}", r"imap\.contact\.afterwards: .* is none of"),
        ("afterwards: {flag: '\\Seen \\Deleted'}", r"imap\.contact\.afterwards: .* is no flag"),
        (
            "preset: orange",
            r"mail\.yaml:6: imap\.contact\.preset: 'orange' is no preset; known are .*ovhcloud, .*zimbra",
        ),
        ("port: 0", r"imap\.contact\.port"),
    ],
)
def test_a_mistake_names_file_account_and_field(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        account(tmp_path, more)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"imap:\n  contact:\n    host: h\n    user: {CONTACT}\n",
            r"imap\.contact\.since: this field is missing: the first day whose",
        ),
        *(
            (f"imap:\n  contact:\n    host: h\n    user: {CONTACT}\n    since: {written}\n", rf"contact\.since: {said}")
            for written, said in [
                ("01/11/2026", "write it as 2026-11-01"),
                ("'1.11.2026'", "write it as 2026-11-01"),
                ("demain", "'demain' is no day; write it like 2026-12-01"),
            ]
        ),
        (f"imap:\n  contact:\n    user: {CONTACT}\n    since: 2026-12-01\n", "contact: host: no preset says"),
        (
            f"imap:\n  Contact:\n    host: h\n    user: {CONTACT}\n    since: 2026-12-01\n",
            r"mail\.yaml:2: imap\.Contact: an account's name is lower case, digits and -",
        ),
        (
            "imap:\n  contact:\n    host: h\n    user: mairie\n    since: 2026-12-01\n",
            r"contact\.user: mairie is no mailbox",
        ),
        ("pop3: {}\n", r"mail\.yaml:1: pop3: this field is unknown"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(tmp_path, text)


def test_a_sign_in_that_is_no_address_needs_the_addresses_that_arrive(tmp_path: Path) -> None:
    assert account(tmp_path, f"mailboxes: [{VOIRIE}]", user="mairie").addresses == (VOIRIE,)


OAUTH = "sign_in: oauthbearer\noauth: {client_id: a, token_url: 'https://a.example', grant: %s}"


@pytest.mark.parametrize(
    ("more", "variable"),
    [
        ("", "GUICHET_IMAP_ETAT_CIVIL_PASSWORD"),
        (OAUTH % "client-credentials", "GUICHET_IMAP_ETAT_CIVIL_CLIENT_SECRET"),
        (OAUTH % "refresh-token", "GUICHET_IMAP_ETAT_CIVIL_REFRESH_TOKEN"),
    ],
)
def test_a_missing_secret_is_named_and_none_is_shown(tmp_path: Path, more: str, variable: str) -> None:
    found = account(tmp_path, more)
    with pytest.raises(SettingsError, match=f"{variable} is not set"):
        secrets_of("etat-civil", found, {variable: ""})
    secrets = secrets_of("etat-civil", found, {variable: "a-secret"})
    assert "a-secret" not in repr(secrets)
    assert "a-secret" in {secrets.password, secrets.client_secret, secrets.refresh_token}


def test_each_way_has_the_mail_system_that_it_says(tmp_path: Path) -> None:
    (tmp_path / "mail.yaml").write_text(
        "lmtp: {preset: postfix-rspamd, spam: verdict}\n"
        "imap:\n"
        f"  contact: {{preset: ovhcloud, user: {CONTACT}, since: 2026-12-01, spam: verdict-and-refused}}\n"
        f"  voirie: {{host: imap.mairie.example, user: {VOIRIE}, since: 2026-12-01}}\n"
    )
    own = read_mail_file(tmp_path, (CONTACT, VOIRIE)).own_systems("mx.mairie.example")
    assert {way: (each.verdicts, each.authserv_id, each.spam) for way, each in own.items()} == {
        "lmtp": ("rspamd", "mx.mairie.example", "verdict"),
        "imap:contact": ("rfc8601", "mx.mail.ovh.net", "verdict-and-refused"),
        "imap:voirie": ("rfc8601", None, "never"),
    }


def test_without_the_file_the_variable_names_the_server_as_before() -> None:
    own = read_mail_file(None, ()).own_systems("mx.mairie.example")
    assert own["lmtp"].authserv_id == "mx.mairie.example"
    assert own["lmtp"].received_by == ()


def test_a_preset_that_needs_its_servers_name_is_told_so_in_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mail\.yaml:6: imap\.contact\.preset: preset zimbra needs authserv_id"):
        account(tmp_path, "preset: zimbra")


FENCED = re.compile(r"^( *)```yaml\n(.+?)^ *```", re.MULTILINE | re.DOTALL)
EXAMPLES = [dedent(text) for _, text in FENCED.findall((ROOT / "docs" / "mailboxes.md").read_text())]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_handbook_can_be_copied(tmp_path: Path, example: str) -> None:
    (tmp_path / "mail.yaml").write_text(example)
    mailboxes = {CONTACT, VOIRIE, "etat-civil@mairie.example"}
    read_mail_file(tmp_path, mailboxes).own_systems("mx.mairie.example")


def test_the_handbook_has_examples() -> None:
    assert len(EXAMPLES) > 1
