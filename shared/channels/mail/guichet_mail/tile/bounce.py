"""What a mail server reports of a mail that it took and could not deliver (RFC 3464), as Postfix writes it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime, make_msgid
from typing import Final

from guichet_mail.tile.troubles import Trouble

SAID_OF: Final[Mapping[Trouble, tuple[str, str]]] = {
    Trouble.SMTP_BOUNCED: ("5.1.1", "smtp; 550 5.1.1 User unknown"),
    Trouble.SMTP_GIVEN_UP: ("4.2.2", "smtp; 452 4.2.2 Mailbox full"),
}
"""By what goes wrong with a mail that was taken: the status that is reported, and the answer that it was given for."""

_REPORT: Final = """\
From: MAILER-DAEMON@mx.courriel.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {sender}
Date: {date}
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.courriel.example. Your message could not be delivered.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.courriel.example

{recipients}

--report
Content-Type: text/rfc822-headers

{head}

--report--
"""
_RECIPIENT: Final = """\
Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}
Diagnostic-Code: {diagnostic}"""


def bounce_of(mail: bytes, sender: str, recipients: Sequence[str], trouble: Trouble, at: datetime) -> bytes:
    """Return the report that goes to the mail's return path, which is `sender`. trouble: one of SAID_OF."""
    status, diagnostic = SAID_OF[trouble]
    said = [_RECIPIENT.format(recipient=each, status=status, diagnostic=diagnostic) for each in recipients]
    report = _REPORT.format(
        sender=sender,
        date=format_datetime(at),
        message_id=make_msgid(domain="mx.courriel.example"),
        recipients="\n\n".join(said),
        head=mail.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "surrogateescape"),
    )
    return report.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n")
