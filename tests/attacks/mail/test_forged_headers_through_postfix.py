"""What a stranger forges, handed through a real Postfix: it stands below what that one wrote, whatever they call themselves."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope as Taken

from guichet.channel.draft import Draft
from guichet.channel.envelope import LMTP as BY_LMTP
from guichet.channel.envelope import Envelope
from guichet.contracts.inbound import DateSource
from guichet_local.machine.ports import HOST, free_ports
from guichet_local.machine.process import wait_until
from guichet_mail.read.own.own_system_file import OwnSystemFile
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.real.postfix import Postfix, running_postfix

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("postfix_is_there")]

OURS: Final = "mx.mairie.example"
CONTACT: Final = "contact@mairie.example"
FOUND: Final = f"Authentication-Results: {OURS}; dmarc=none header.from=courriel.example"
FORGED: Final = (
    f"Authentication-Results: {OURS}; dmarc=pass header.from=courriel.example\r\n"
    f"Authentication-Results: {OURS}; dkim=pass header.d=courriel.example\r\n"
    f"Received: from a (a [192.0.2.1]) by {OURS} (Postfix) with ESMTP id A; Wed, 1 Jan 2020 00:00:00 +0000\r\n"
    f"Authentication-Results: {OURS}; dmarc=pass header.from=courriel.example\r\nX-Spam-Flag: YES\r\n"
)
MAIL: Final = f"From: alice@courriel.example\r\nTo: {CONTACT}\r\nSubject: Bonjour\r\n\r\nBonjour\r\n"
HELOS: Final = (
    "mail.evil.example",
    "[127.0.0.1]",
    f"x by {OURS}",
    "x by localhost (y [127.0.0.1])",
    f"x) by {OURS} (y",
    "x (",
)


class Collecting(Controller):
    """Guichet's place behind the relay: keeps the bytes that it hands over."""

    def __init__(self) -> None:
        super().__init__(self, hostname=HOST, port=free_ports(1)[0])
        self.taken: list[bytes] = []

    def factory(self) -> LMTP:
        return LMTP(self.handler)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Taken) -> str:
        self.taken.append(bytes(envelope.content or b""))
        return "250 OK"


@pytest.fixture(scope="module")
def relay_and_guichet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postfix, Collecting]]:
    guichet, folder = Collecting(), tmp_path_factory.mktemp("postfix")
    guichet.start()
    ports = {"lmtp_port": guichet.port, "relay_port": free_ports(1)[0]}
    with running_postfix(folder / "spool", "mairie.example", **ports, header=FOUND) as relay:
        yield relay, guichet
    guichet.stop(no_assert=True)


def handed_over(relay_and_guichet: tuple[Postfix, Collecting], mail: str, helo: str) -> Draft:
    """Return what the town makes of a mail that a stranger sent to its relay."""
    relay, guichet = relay_and_guichet
    before = len(guichet.taken)
    with smtplib.SMTP(relay.host, relay.port, local_hostname=helo) as client:
        client.sendmail("x@evil.example", [CONTACT], mail)
    wait_until(lambda: len(guichet.taken) > before, "the mail is handed over")
    own = {BY_LMTP: OwnSystemFile(preset="postfix", spam="verdict").system(OURS)}
    reader = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32, own)
    return reader.read(Envelope("x@evil.example", (CONTACT,), guichet.taken[-1]), datetime.now(UTC))


@pytest.mark.parametrize("helo", HELOS)
@pytest.mark.parametrize("forged", ["", FORGED], ids=["plain", "forged"])
def test_nothing_that_a_stranger_hands_over_proves_or_dates_their_mail(
    relay_and_guichet: tuple[Postfix, Collecting], forged: str, helo: str
) -> None:
    draft = handed_over(relay_and_guichet, forged + MAIL, helo)
    assert draft.content.thread is not None
    assert draft.content.thread.authenticated is None
    assert draft.suspended is None
    assert datetime.now(UTC) - draft.received_at < timedelta(minutes=5), "the date is the forger's"
    if helo in HELOS[:2]:
        assert draft.dated_by is DateSource.RELAY, "else this proves nothing"
