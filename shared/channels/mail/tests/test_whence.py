"""A mail that was put aside is handed in again by LMTP, and still says by which way it came first."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.contracts.topics import INBOUND_EMAIL, MIB
from guichet_mail.read.parse import MailReader
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.lmtp import listen
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.redeliver import hand_in
from guichet_mail.settings import MailSettings
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_mail.whence import HERE, Whence, cut_whence, parameters_of
from guichet_testing.conformance.world import World

CONTACT = "contact@mairie.example"
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)
MAIL = b"From: perrine@exemple.test\r\nMessage-ID: <1@exemple.test>\r\n\r\nUn trou"


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope("perrine@exemple.test", (CONTACT,), MAIL, way="imap:contact", internal_date=AT),
        Envelope("", (CONTACT,), MAIL, way="imap:contact", internal_date=AT),
        Envelope("z\u00e9@exemple.test", (CONTACT,), MAIL, way="imap:etat-civil"),
        Envelope("perrine@exemple.test", (CONTACT,), MAIL),
    ],
)
async def test_what_is_handed_in_again_keeps_its_way_and_the_mailboxs_date(envelope: Envelope) -> None:
    read, mailboxes, world = list[Envelope](), TownMailboxes([CONTACT], CONTACT), World()
    reader = MailReader(mailboxes, b"k" * 32)

    async def reading(envelope: Envelope, at: datetime) -> Any:
        read.append(envelope)
        return reader.read(envelope, at)

    accept = AcceptMail(world.lend("mail", INBOUND_EMAIL), reading, reader.salvage)
    handler = MailboxHandler(mailboxes, accept)
    server = await listen(handler, "127.0.0.1", 0, MIB)
    async with server:
        settings = MailSettings(lmtp_port=server.sockets[0].getsockname()[1])
        await asyncio.to_thread(hand_in, envelope, settings)
    [found] = read
    assert (found.way, found.internal_date, found.return_path) == (
        envelope.way,
        envelope.internal_date,
        envelope.return_path,
    )


def test_a_mail_server_says_none_of_this() -> None:
    assert parameters_of(Envelope("a@b.example", (CONTACT,), MAIL)) == []
    assert cut_whence("FROM:<a@b.example> SIZE=100 BODY=8BITMIME")[1] == HERE


@pytest.mark.parametrize(
    "said", ["WAY=imap:", "WAY=smtp", "WAY=imap:a/b", "DATE=yesterday", "DATE=2026-12-01T10:00:00"]
)
def test_what_no_mail_of_ours_came_by_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"no way|Invalid isoformat"):
        cut_whence(f"FROM:<a@b.example> XGUICHET-{said}")


def test_it_stands_at_the_end_alone() -> None:
    argument = 'FROM:<"x XGUICHET-WAY=imap:contact"@b.example> SIZE=1'
    assert cut_whence(argument) == (argument, HERE)
    assert cut_whence("FROM:<> xguichet-way=IMAP:CONTACT")[1] == Whence("imap:contact")


@given(st.text(max_size=60))
def test_any_argument_is_cut_or_refused(argument: str) -> None:
    rest, whence = cut_whence(argument)
    assert (rest, whence) == (argument, HERE)
