"""All that Guichet asks of a channel, asked of mail: guichet_testing.conformance, by LMTP in and by a relay out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
from aiosmtpd.lmtp import LMTP

from guichet.contracts.topics import MIB
from guichet_mail.channel import EMAIL
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.receive import lmtp
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.conformance import Payloads, channel_suite
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.conformance.mailboxes import MailSource
from guichet_testing.conformance.opened import lent
from guichet_testing.conformance.world import KEY, World
from shared.channels.mail.tests.relay import Relay

CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"
MAILBOXES = TownMailboxes([CONTACT, VOIRIE], CONTACT)
READER = MailReader(MAILBOXES, KEY)
MAX_BYTES = 4 * MIB


SET = {
    "GUICHET_SMTP_SECURITY": "none",
    "GUICHET_SMTP_USERNAME": "mairie",
    "GUICHET_SMTP_PASSWORD": "un-mot-de-passe",
}


class MailPayloads(Payloads):
    """How mail comes and leaves. server, handler: the ones under test."""

    environment = SET
    address = "perrine.vauquelin@exemple.test"
    personal = ("Perrine Vauquelin", "Vauquelin", address, "Sujet-canari")
    mailboxes = (CONTACT, VOIRIE)
    stranger = "personne@mairie.example"
    api = Relay()
    server: type[LMTP] = lmtp.PerRecipientLmtp
    handler: type[MailboxHandler] = MailboxHandler

    @asynccontextmanager
    async def mail_source(self, world: World) -> AsyncIterator[MailSource]:
        async with LimitedReaders(READER) as limited:
            accept = AcceptMail(lent(EMAIL, world), partial(read_mail, READER, limited), READER.salvage)
            async with self._served(self.handler(MAILBOXES, accept)) as source:
                yield source

    @asynccontextmanager
    async def _served(self, handler: MailboxHandler) -> AsyncIterator[MailSource]:
        server = await lmtp.listen(handler, "127.0.0.1", 0, MAX_BYTES, protocol=self.server)
        port = server.sockets[0].getsockname()[1]
        try:
            async with lmtp_source("127.0.0.1", port, sender=self.address, recipient=CONTACT) as source:
                yield source
        finally:
            server.close()

    def message(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        mail = EmailMessage()
        mail["From"] = f"{self.personal[0]} <{self.address}>"
        mail["To"] = CONTACT
        mail["Subject"] = "Sujet-canari"
        mail["Date"] = "Mon, 02 Mar 2026 10:30:00 +0100"
        if provider_id:
            mail["Message-ID"] = f"<{provider_id}@exemple.test>"
        mail.set_content(text, cte="base64")
        for file in files:
            mail.add_attachment(file, maintype="application", subtype="pdf", filename="Vauquelin.pdf")
        return mail.as_bytes()

    def unreadable(self) -> bytes:
        parts = b"--b\r\n\r\n\r\n" * 1100
        return b"Subject: Perrine Vauquelin\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts

    def oversize(self, _most_bytes: int) -> bytes:
        return b"Subject: trop\r\n\r\n" + b"x" * 70 + (b"\r\n" + b"x" * 70) * (MAX_BYTES // 70)


TestEmail = channel_suite(EMAIL, MailPayloads())


class AnswersDataOnce(LMTP):
    """What aiosmtpd does by itself."""


class SwallowsARecipient(MailboxHandler):
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        del envelope.rcpt_tos[1:]
        return await super().handle_DATA(server, session, envelope)


class TakesAnyMailbox(MailboxHandler):
    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return "250 ok"


class RefusesForGoodWhileAway(MailboxHandler):
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        return answer.replace("451", "554")


@pytest.mark.parametrize(
    ("broken", "promise", "sentence"),
    [
        ({"server": AnswersDataOnce}, "every_recipient_gets_an_answer", "2 recipients got 1 answer(s)"),
        (
            {"handler": SwallowsARecipient},
            "a_mail_to_two_mailboxes_is_one_message_that_names_both",
            "a recipient was swallowed: 1 of 2",
        ),
        (
            {"handler": TakesAnyMailbox},
            "a_mailbox_that_does_not_exist_is_refused_and_the_others_are_served",
            "250 instead of 550",
        ),
        (
            {"handler": RefusesForGoodWhileAway},
            "while_the_broker_is_away_the_source_keeps_the_message",
            "answered 554 while the broker was away",
        ),
    ],
)
async def test_the_suite_sees_a_broken_mailbox(broken: dict[str, Any], promise: str, sentence: str) -> None:
    suite = channel_suite(EMAIL, type("Broken", (MailPayloads,), broken)())()
    with pytest.raises(AssertionError) as failure:
        await getattr(suite, f"test_{promise}")()
    assert sentence in str(failure.value)
