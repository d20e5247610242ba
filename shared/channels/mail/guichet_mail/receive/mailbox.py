"""The town's mailboxes as the mail server sees them. 250 is a promise: the broker holds the mail."""

from typing import Any

import structlog

from guichet.channel.envelope import Envelope
from guichet.errors import TransientError
from guichet.runtime.telemetry.metrics import MESSAGES_REFUSED
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_mail.whence import KEYWORD

log = structlog.get_logger()

ACCEPTED = "250 2.0.0 accepted"
UNKNOWN = "550 5.1.1 no such mailbox here"
AWAY = "451 4.3.0 cannot keep mail for now, try again later"


class MailboxHandler:
    """aiosmtpd's handler: which recipients exist, and what becomes of a mail."""

    def __init__(self, mailboxes: TownMailboxes, accept: AcceptMail) -> None:
        self._mailboxes = mailboxes
        self._accept = accept

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
        try:
            await self._accept.mail(mail)
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
