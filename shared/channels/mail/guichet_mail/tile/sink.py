"""The mail servers of all citizens in one: takes whatever the town sends, to whomever."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from citizen_sandbox.play.entry import Direction, Entry
from citizen_sandbox.play.journal import Journal
from citizen_sandbox.play.misbehaviour import Misbehaviour
from guichet_mail.tile.bounce import SAID_OF
from guichet_mail.tile.letter import read_mail
from guichet_mail.tile.troubles import Trouble

LARGEST_MAIL = 40 * 1024 * 1024
GiveBack = Callable[[Envelope, Trouble], None]


class SmtpSink:
    """aiosmtpd's handler. Every accepted recipient gets an entry in the journal.

    give_back: reports later that a mail which was taken did not reach its recipients.
    """

    def __init__(self, journal: Journal, misbehaviour: Misbehaviour, give_back: GiveBack) -> None:
        self._journal = journal
        self._misbehaviour = misbehaviour
        self._give_back = give_back

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept every address there is."""
        if self._misbehaviour.strikes(Trouble.SMTP_REFUSED):
            # As Postfix says it: whoever logs the answer logs the address.
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Put the mail into each recipient's box."""
        if self._misbehaviour.strikes(Trouble.SMTP_DEFERRED):
            return "451 4.3.0 Try again later"
        for trouble in SAID_OF:
            if self._misbehaviour.strikes(trouble):
                self._give_back(envelope, trouble)
                return "250 2.0.0 OK"
        message_id = await self._keep(envelope)
        if self._misbehaviour.strikes(Trouble.SMTP_ANSWER_LOST):
            await self._journal.note_lost("mail", message_id)
            await _cut(server)
        if slow := self._misbehaviour.strike(Trouble.SMTP_SLOW_ANSWER):
            await asyncio.sleep(slow.retry_after)
        return "250 2.0.0 OK"

    async def _keep(self, envelope: Envelope) -> str:
        raw = bytes_of(envelope)
        mail = read_mail(raw)
        for recipient in envelope.rcpt_tos:
            entry = Entry(
                channel="mail",
                direction=Direction.RECEIVED,
                address=recipient.lower(),
                counterpart=envelope.mail_from or "",
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                headers=mail.headers,
                attachments=mail.attachments,
                provider_id=mail.message_id,
                raw=raw,
            )
            await self._journal.add(entry)
        return mail.message_id


def bytes_of(envelope: Envelope) -> bytes:
    """Return the mail in an envelope."""
    content = envelope.content or b""
    return content if isinstance(content, bytes) else content.encode()


async def _cut(server: SMTP) -> None:
    """Close the connection without a word; aiosmtpd then cancels this very coroutine."""
    transport: Any = server.transport
    transport.abort()
    await asyncio.sleep(1)


def smtp_session(sink: SmtpSink) -> SMTP:
    """Return the protocol of one connection."""
    return SMTP(sink, hostname="courriel.example", enable_SMTPUTF8=True, data_size_limit=LARGEST_MAIL)
