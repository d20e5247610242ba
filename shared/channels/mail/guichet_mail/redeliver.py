"""Hand a mail in by LMTP, as the town's mail server does."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from smtplib import LMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Final

from guichet.channel.envelope import Envelope
from guichet.channel.payload import Payload
from guichet.errors import GuichetError
from guichet_mail.settings import MailSettings
from guichet_mail.whence import parameters_of

TIMEOUT_S: Final = 60.0


def redelivery_of(settings: MailSettings, payload: Payload) -> Callable[[], Awaitable[None]]:
    """Return what hands in, for the recipients that it came for, a mail that could not be read before.

    Raises PermanentError for what is no mail. What is returned raises GuichetError where ingest-email is away or
    refuses: its text says what it answered.
    """
    return partial(asyncio.to_thread, hand_in, Envelope.from_bytes(payload.body), settings)


def hand_in(envelope: Envelope, settings: MailSettings) -> None:
    """Speak LMTP until ingest-email has accepted the mail. Raises GuichetError."""
    address = f"GUICHET_LMTP_HOST {settings.lmtp_host}:{settings.lmtp_port}"
    try:
        _transact(envelope, settings)
    except SMTPRecipientsRefused as exc:  # of all: its text names them
        codes = sorted({code for code, _ in exc.recipients.values()})
        raise GuichetError(f"{address} knows none of the mailboxes that it came for ({codes})") from None
    except SMTPResponseException as exc:
        raise GuichetError(f"{address} answered {exc.smtp_code}: see ingest-email's log") from None
    except (SMTPException, OSError, ValueError) as exc:
        raise GuichetError(f"{address} does not take mail ({type(exc).__name__}): does ingest-email run?") from None


def _transact(envelope: Envelope, settings: MailSettings) -> None:
    client = LMTP(settings.lmtp_host, settings.lmtp_port, local_hostname="guichet-cli", timeout=TIMEOUT_S)
    try:
        addresses = "".join((envelope.return_path, *envelope.recipients))
        options = ["BODY=8BITMIME", *([] if addresses.isascii() else ["SMTPUTF8"]), *parameters_of(envelope)]
        client.sendmail(envelope.return_path, envelope.recipients, envelope.content, options)
    finally:
        client.close()  # without QUIT: ingest-email answers each recipient alike, and smtplib reads one answer only
