"""What an operator is told of a mailbox, in a sentence, and that nothing is changed by asking."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from guichet.clock import make_clock_file, move_clock
from guichet.contracts.topics import MIB
from guichet.errors import GuichetError, SettingsError
from guichet_local.machine.ports import free_ports
from guichet_mail.receive.imap.trial.check import check_mailboxes
from guichet_mail.receive.imap.trial.preview import preview_mailbox
from guichet_mail.settings import MailSettings
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.real.oauth import TokenEndpoint
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, PASSWORD, a_mail


class Operator:
    """Who asks. It needs the town's folder and the variables of mailboxes, no store and no broker."""

    def __init__(self, dovecot: Dovecot, town: Path) -> None:
        self._dovecot = dovecot
        self._town = town
        self.settings: dict[str, Any] = {"imap_ca_file": dovecot.authority}

    async def check(self, name: str | None = None, **more: Any) -> str:
        """Return what is said of the mailbox, well or not."""
        self.write(contact=more)
        try:
            lines = await check_mailboxes(MailSettings(**self.settings), (name,) if name else ())
        except GuichetError as error:
            lines = [f"NOT WELL {line}" for line in str(error).splitlines()]
        return "\n".join(lines)

    async def preview(self, **more: Any) -> list[str]:
        self.write(contact=more)
        return await preview_mailbox(MailSettings(**self.settings), ("contact",))

    def write(self, **accounts: dict[str, Any]) -> None:
        usual = {"host": self._dovecot.host, "port": self._dovecot.tls_port, "user": CONTACT, "since": "2026-01-01"}
        said = {"imap": {name: usual | more for name, more in accounts.items()}}
        (self._town / "mail.yaml").write_text(json.dumps(said, default=str))


@pytest.fixture
def operator(dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    copytree(EXAMPLE_TOWN, tmp_path / "town")
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path / "town"))
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_PASSWORD", PASSWORD)
    return Operator(dovecot, tmp_path / "town")


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    return dovecot.add_user(CONTACT, PASSWORD)


def as_people_see(mailbox: Mailbox) -> list[object]:
    """Return what lies there; \\Recent, which a server keeps for whoever selects first, is seen by nobody."""
    return [(each.uid, each.flags - {"\\Recent"}) for each in mailbox.listing()]


async def test_a_mailbox_that_is_well_is_left_as_it_is(operator: Operator, mailbox: Mailbox) -> None:
    done = mailbox.add_folder("Traités")
    mailbox.deliver([a_mail(1), a_mail(2)])
    before = as_people_see(mailbox)
    assert "contact: ok: 127.0.0.1:" in (said := await operator.check())
    assert "INBOX has 2 mails" in said
    assert "ok" in await operator.check("contact", afterwards={"move": "Traités"})
    assert "ok" in await operator.check(afterwards="flag")
    assert (as_people_see(mailbox), done.listing()) == (before, [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"host": "nulle-part.invalid"}, "the name nulle-part.invalid cannot be resolved"),
        ({"folder": "Rangés"}, "there is no folder Rangés: there are INBOX, Traités"),
        ({"afterwards": {"move": "Rangés"}}, "there is no folder Rangés to move mails to: there are INBOX, Traités"),
        (
            {"user": "personne@mairie.example", "mailboxes": [CONTACT]},
            "« personne@mairie.example » is not let in (AUTHENTICATIONFAILED)",
        ),
        ({"user": "personne@mairie.example", "mailboxes": [CONTACT]}, "the variable GUICHET_IMAP_CONTACT_PASSWORD."),
    ],
)
async def test_what_is_wrong_is_said(operator: Operator, mailbox: Mailbox, more: dict[str, Any], said: str) -> None:
    mailbox.add_folder("Traités")
    found = await operator.check(**more)
    assert found.startswith("NOT WELL contact: ")
    assert said in found


async def test_a_port_where_nobody_or_no_tls_is_is_said(operator: Operator, dovecot: Dovecot, mailbox: Mailbox) -> None:
    assert "takes no connection (Connection refused)" in await operator.check(port=free_ports(1)[0])
    assert "speaks no TLS of ours" in await operator.check(port=dovecot.port)


async def test_a_certificate_that_nobody_vouches_for_is_said(operator: Operator, mailbox: Mailbox) -> None:
    operator.settings = {}
    found = await operator.check()
    assert "the certificate of 127.0.0.1:" in found
    assert "GUICHET_IMAP_CA_FILE" in found


async def test_a_wrong_file_of_authorities_is_said(operator: Operator, mailbox: Mailbox, tmp_path: Path) -> None:
    operator.settings["imap_ca_file"] = tmp_path / "nothing.pem"
    assert "GUICHET_IMAP_CA_FILE:" in await operator.check()


async def test_a_mailbox_that_may_only_be_read_is_said(operator: Operator, mailbox: Mailbox) -> None:
    mailbox.add_folder("Traités")
    mailbox.deliver([a_mail(1)])
    assert "ok" in await operator.check()
    mailbox.let_only_read()
    try:
        assert "mails of INBOX cannot be marked \\Flagged" in await operator.check(afterwards="flag")
        assert "mails cannot be moved out of INBOX" in await operator.check(afterwards={"move": "Traités"})
        assert "ok" in await operator.check()
    finally:
        mailbox.mend()


async def test_a_clock_that_is_wrong_is_said(operator: Operator, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1)], datetime.now(UTC) + timedelta(minutes=7))
    assert "one of the two clocks is wrong" in await operator.check()


def by_token(endpoint: TokenEndpoint, **more: Any) -> dict[str, Any]:
    return {"sign_in": "oauthbearer", "oauth": {"token_url": endpoint.url, "client_id": endpoint.client_id, **more}}


@pytest.fixture
def endpoint(token_endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch) -> TokenEndpoint:
    token_endpoint.user = CONTACT
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_CLIENT_SECRET", token_endpoint.client_secret)
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_REFRESH_TOKEN", token_endpoint.refresh_token)
    return token_endpoint


async def test_who_gives_tokens_is_tried_too(operator: Operator, mailbox: Mailbox, endpoint: TokenEndpoint) -> None:
    assert "ok" in await operator.check(**by_token(endpoint))
    endpoint.refusal = "invalid_client"
    assert "127.0.0.1 gives no token (401, invalid_client): see oauth.client_id" in await operator.check(
        **by_token(endpoint)
    )
    endpoint.refusal, endpoint.is_down = None, True
    assert "127.0.0.1, which gives tokens, answers 503" in await operator.check(**by_token(endpoint))
    endpoint.is_down, endpoint.user = False, "autre@mairie.example"
    assert "« contact@mairie.example » is not let in" in await operator.check(**by_token(endpoint))
    endpoint.url = f"https://127.0.0.1:{free_ports(1)[0]}/token"
    assert "which gives tokens, cannot be reached (ConnectError)" in await operator.check(**by_token(endpoint))


async def test_a_refresh_token_that_may_be_good_once_is_not_spent(
    operator: Operator, mailbox: Mailbox, endpoint: TokenEndpoint
) -> None:
    said = await operator.check(**by_token(endpoint, grant="refresh-token"))
    assert said == (
        "contact: ok: it answers, and so does who gives its tokens; the refresh token was not tried, which may be good once."
    )
    assert endpoint.asked == []
    with pytest.raises(GuichetError, match="contact: its refresh token may be good once"):
        await operator.preview(**by_token(endpoint, grant="refresh-token"))


async def test_one_that_is_good_for_ever_is_tried(
    operator: Operator, mailbox: Mailbox, endpoint: TokenEndpoint
) -> None:
    more = {**by_token(endpoint, grant="refresh-token"), "preset": "google-workspace"}
    assert "INBOX has 0 mails" in await operator.check(**more)


async def test_a_clock_by_which_no_token_holds_is_said(
    operator: Operator, mailbox: Mailbox, endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clock_file(tmp_path / "clock")
    monkeypatch.setenv("GUICHET_CLOCK_FILE", str(tmp_path / "clock"))
    move_clock(tmp_path / "clock", timedelta(minutes=-6))
    assert "set this machine's clock" in await operator.check(**by_token(endpoint))
    assert "set this machine's clock" in await operator.check(**by_token(endpoint, grant="refresh-token"))
    move_clock(tmp_path / "clock", timedelta(minutes=6))


async def test_each_mailbox_has_its_sentence_and_one_that_is_not_well_hides_no_other(
    operator: Operator, mailbox: Mailbox
) -> None:
    operator.write(contact={}, voirie={"user": "voirie@mairie.example"})
    with pytest.raises(GuichetError) as found:
        await check_mailboxes(MailSettings(**operator.settings), ())
    one, other = str(found.value).splitlines()
    assert one.startswith("contact: ok")
    assert other.startswith("voirie: GUICHET_IMAP_VOIRIE_PASSWORD is not set")


async def test_a_name_that_the_file_does_not_have_is_said(operator: Operator, mailbox: Mailbox) -> None:
    operator.write(contact={})
    with pytest.raises(SettingsError, match=r"mail\.yaml has no mailbox voirie; it has contact\."):
        await check_mailboxes(MailSettings(), ("voirie",))
    operator.write()
    with pytest.raises(SettingsError, match="names no mailbox"):
        await check_mailboxes(MailSettings(), ())


async def test_what_the_first_look_would_take_is_shown_and_nothing_of_it_is_taken(
    operator: Operator, mailbox: Mailbox
) -> None:
    mailbox.deliver([a_mail("ancien")], datetime(2025, 12, 31, 22, 59, tzinfo=UTC))
    mailbox.deliver([a_mail(1), a_mail(2)], datetime(2026, 1, 5, 9, tzinfo=UTC))
    mailbox.deliver([a_mail(3, text="x" * MIB)], datetime(2026, 2, 1, 9, tzinfo=UTC))
    before = as_people_see(mailbox)
    operator.settings["lmtp_max_bytes"] = MIB
    assert await operator.preview() == [
        "contact: 3 mails since 2026-01-01 in INBOX, 1.0 MiB, the oldest of 2026-01-05 10:00, the newest of 2026-02-01 10:00.",
        "  2026-01: 2 mails, 0.0 MiB",
        "  2026-02: 1 mails, 1.0 MiB",
        "  1 larger than 1 MiB: cases of their headers, the mails stay there",
        "Nothing was taken in, or changed.",
    ]
    assert as_people_see(mailbox) == before
    assert (await operator.preview(since="2026-03-01"))[0] == "contact: no mail since 2026-03-01 in INBOX."
