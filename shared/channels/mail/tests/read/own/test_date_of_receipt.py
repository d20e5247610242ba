"""When a mail was received in law: by our own mail system, else by the mailbox, else by us."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.channel.draft import Draft
from guichet.channel.envelope import LMTP, Envelope
from guichet.contracts.inbound import DateDoubt, DateSource
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
ARRIVED = datetime(2026, 12, 3, 9, tzinfo=UTC)
TAKEN = datetime(2026, 12, 1, 9, tzinfo=UTC)
IN_THE_MAILBOX = datetime(2026, 12, 1, 9, 1, tzinfo=UTC)
READER = MailReader(
    TownMailboxes([CONTACT], CONTACT), b"k" * 32, {LMTP: OwnSystem(received_by=("mx.mairie.example",), inside=())}
)
HOP = "Received: from a (a.example [192.0.2.7]) by mx.mairie.example (Postfix) with ESMTP id A; {}\r\n"
REST = f"From: zoe@exemple.test\r\nTo: {CONTACT}\r\nDate: Tue, 1 Dec 2026 09:59:00 +0100\r\n"


def envelope(
    hop: str, body: str = "\r\nBonjour\r\n", way: str = LMTP, internal_date: datetime | None = None
) -> Envelope:
    content = f"{hop}{REST}{body}".encode()
    return Envelope("zoe@exemple.test", (CONTACT,), content, way=way, internal_date=internal_date)


def dated(draft: Draft) -> tuple[datetime, DateSource, DateDoubt | None]:
    assert draft.at_our_edge == ARRIVED
    return draft.received_at, draft.dated_by, draft.date_doubt


BY_RELAY = (TAKEN, DateSource.RELAY, None)
PLAIN = HOP.format("Tue, 1 Dec 2026 10:00:00 +0100 (CET)")


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (envelope(PLAIN), BY_RELAY),
        (envelope(PLAIN, internal_date=IN_THE_MAILBOX), BY_RELAY),
        (envelope(PLAIN, way="imap:contact", internal_date=IN_THE_MAILBOX), (IN_THE_MAILBOX, DateSource.MAILBOX, None)),
        (envelope(PLAIN, way="imap:contact"), (ARRIVED, DateSource.EDGE, None)),
        (envelope("", internal_date=IN_THE_MAILBOX), (IN_THE_MAILBOX, DateSource.MAILBOX, None)),
        (envelope(""), (ARRIVED, DateSource.EDGE, None)),
        (envelope(HOP.format("Tue, 1 Dec 2026")), (ARRIVED, DateSource.EDGE, None)),
        (envelope(HOP.format("Sun, 6 Dec 2026 10:00:00 +0100")), (ARRIVED, DateSource.EDGE, DateDoubt.IN_THE_FUTURE)),
        (envelope(HOP.format("Tue, 1 Dec 2020 10:00:00 +0100")), (ARRIVED, DateSource.EDGE, DateDoubt.BEFORE_IT_WAS_WRITTEN)),
        (envelope(PLAIN.replace("mx.", "mx.evil.")), (ARRIVED, DateSource.EDGE, None)),
    ],
)  # fmt: skip
def test_a_mail_is_dated_by_who_took_it_first(
    mail: Envelope, expected: tuple[datetime, DateSource, DateDoubt | None]
) -> None:
    assert dated(READER.read(mail, ARRIVED)) == expected
    assert dated(READER.salvage(mail, ARRIVED)) == expected


async def test_a_small_mail_a_large_one_and_one_in_html_are_dated_alike() -> None:
    async with LimitedReaders(READER) as limited:
        for body in (
            "\r\nx\r\n",
            f"\r\n{'x' * 70 + chr(13) + chr(10)}" * 2000,
            "Content-Type: text/html\r\n\r\n<p>x\r\n",
        ):
            assert dated(await read_mail(READER, limited, envelope(PLAIN, body), ARRIVED)) == BY_RELAY


def test_a_mail_without_end_is_dated_by_its_first_headers() -> None:
    endless = envelope(PLAIN, "X: y\r\n" * 100_000)
    assert dated(READER.salvage(endless, ARRIVED)) == BY_RELAY


def test_a_clock_a_little_ahead_dates_no_mail_after_its_arrival() -> None:
    ahead = ARRIVED + timedelta(minutes=2)
    mail = envelope(HOP.format(ahead.strftime("%d Dec 2026 %H:%M:%S +0000")))
    assert dated(READER.read(mail, ARRIVED)) == (ARRIVED, DateSource.RELAY, None)
