"""The town's mailboxes as the mail server sees them. 250 is a promise: the broker holds the mail."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet.channel.lent import Host
from guichet.channel.payload import Payload
from guichet.errors import TransientError
from guichet.runtime.telemetry.metrics import MESSAGES_REFUSED
from guichet_mail.read.senders import named_senders
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_mail.whence import KEYWORD

log = structlog.get_logger()

ACCEPTED = "250 2.0.0 accepted"
UNKNOWN = "550 5.1.1 no such mailbox here"
AWAY = "451 4.3.0 cannot keep mail for now, try again later"

ReadMail = Callable[[Envelope, datetime], Awaitable[Draft]]
SalvageMail = Callable[[Envelope, datetime], Draft]


class MailboxHandler:
    """aiosmtpd's handler: which recipients exist, and what becomes of a mail.

    read: keeps nobody waiting. salvage: says what can be told of a mail that `read` gives up.
    """

    def __init__(
        self,
        *,
        host: Host,
        mailboxes: TownMailboxes,
        read: ReadMail,
        salvage: SalvageMail,
    ) -> None:
        self._host = host
        self._mailboxes = mailboxes
        self._read = read
        self._salvage = salvage

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, name: str, extensions: list[str]
    ) -> list[str]:
        """Say what we understand: PIPELINING as well, so that a mail takes two round trips and not four."""
        session.host_name = name
        return [*extensions[:-1], "250-PIPELINING", f"250-{KEYWORD}", *extensions[-1:]]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        """Accept a mailbox of the town, refuse any other for good."""
        if self._mailboxes.find(address) is None:
            MESSAGES_REFUSED.labels("email", "unknown-mailbox").inc()
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Answer once the mail, read or unreadable, is safe; the server repeats the answer for each recipient."""
        mail = Envelope(
            return_path=str(envelope.mail_from or "").strip("<> "),
            recipients=tuple(envelope.rcpt_tos),
            content=bytes(envelope.content),
            way=server.whence.way,
            internal_date=server.whence.internal_date,
        )
        payload = Payload(mail.to_bytes(), self._host.clock.now())
        try:
            await self._host.receive(
                payload,
                lambda payload: self._read(mail, payload.at),
                lambda _: named_senders(mail),
                lambda payload: self._salvage(mail, payload.at),
            )
        except TransientError as error:
            return _refused_for_now(error)
        return ACCEPTED

    async def handle_exception(self, error: Exception) -> str:
        """Ask for another attempt after a bug; the traceback is not logged, it may quote the mail."""
        return _refused_for_now(error)


def _refused_for_now(error: Exception) -> str:
    MESSAGES_REFUSED.labels("email", "away").inc()
    reason = str(error) if isinstance(error, TransientError) else ""
    log.warning("mail not accepted for now", error=type(error).__name__, reason=reason)
    return AWAY
