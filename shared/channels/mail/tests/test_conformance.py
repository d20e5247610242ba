from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.message import EmailMessage
from functools import partial
from typing import Any

from aiosmtpd.lmtp import LMTP

from guichet.contracts.topics import INBOUND_EMAIL, MIB
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.receive import lmtp
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.conformance.mailboxes import MailboxConformance, MailSource
from guichet_testing.conformance.verdicts import is_seen
from guichet_testing.conformance.world import KEY, World

CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"
MAILBOXES = TownMailboxes([CONTACT, VOIRIE], CONTACT)
READER = MailReader(MAILBOXES, KEY)
MAX_BYTES = 4 * MIB


class LmtpConformance(MailboxConformance):
    topic = INBOUND_EMAIL
    town = (CONTACT, VOIRIE)
    stranger = "personne@mairie.example"
    personal = ("Perrine Vauquelin", "Vauquelin", "perrine.vauquelin@exemple.test", "Sujet-canari")
    server: type[LMTP] = lmtp.PerRecipientLmtp
    handler: type[MailboxHandler] = MailboxHandler

    @asynccontextmanager
    async def _open(self, world: World) -> AsyncIterator[MailSource]:
        async with LimitedReaders(READER) as limited:
            handler = self.handler(
                host=world.lend("mail", INBOUND_EMAIL),
                mailboxes=MAILBOXES,
                read=partial(read_mail, READER, limited),
                salvage=READER.salvage,
            )
            async with self._served(handler) as source:
                yield source

    @asynccontextmanager
    async def _served(self, handler: MailboxHandler) -> AsyncIterator[MailSource]:
        server = await lmtp.listen(handler, "127.0.0.1", 0, MAX_BYTES, protocol=self.server)
        port = server.sockets[0].getsockname()[1]
        try:
            async with lmtp_source("127.0.0.1", port, sender=self.personal[2], recipient=CONTACT) as source:
                yield source
        finally:
            server.close()

    def open(self, world: World) -> AbstractAsyncContextManager[MailSource]:
        return self._open(world)

    def payload(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        mail = EmailMessage()
        mail["From"] = f"{self.personal[0]} <{self.personal[2]}>"
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

    def oversize(self) -> bytes:
        return b"Subject: trop\r\n\r\n" + b"x" * 70 + (b"\r\n" + b"x" * 70) * (MAX_BYTES // 70)


class TestLmtp(LmtpConformance):
    """ingest-email keeps every promise."""


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


async def test_the_suite_sees_a_server_that_answers_data_once() -> None:
    suite = LmtpConformance()
    suite.server = AnswersDataOnce
    assert await is_seen(suite, "2 recipients got 1 answer(s)")


async def test_the_suite_sees_a_swallowed_recipient() -> None:
    suite = LmtpConformance()
    suite.handler = SwallowsARecipient
    assert await is_seen(suite, "a recipient was swallowed: 1 of 2")


async def test_the_suite_sees_a_stranger_s_mailbox_taken() -> None:
    suite = LmtpConformance()
    suite.handler = TakesAnyMailbox
    assert await is_seen(suite, "250 instead of 550")


async def test_the_suite_sees_a_refusal_for_good_while_something_is_away() -> None:
    suite = LmtpConformance()
    suite.handler = RefusesForGoodWhileAway
    assert await is_seen(suite, "answered 554 while the broker was away")
