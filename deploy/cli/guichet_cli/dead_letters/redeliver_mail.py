"""Hand a mail in by LMTP, as the town's mail server does."""

import asyncio
from smtplib import LMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Final

from guichet.channel.envelope import Envelope
from guichet.runtime.settings import SettingsGroup, read_settings
from guichet_cli.dead_letters.redelivery import Redeliver, RedeliveryError

TIMEOUT_S: Final = 60.0


class LmtpSettings(SettingsGroup):
    """Where ingest-email takes mail."""

    lmtp_host: str = "127.0.0.1"
    lmtp_port: int = 8024


def mail_redelivery(payload: bytes) -> Redeliver:
    """Return what hands the mail in, for the recipients that it came for. Raises PermanentError, SettingsError."""
    envelope, settings = Envelope.from_bytes(payload), read_settings(LmtpSettings)

    async def redeliver() -> None:
        await asyncio.to_thread(_redeliver, envelope, settings)

    return redeliver


def _redeliver(envelope: Envelope, settings: LmtpSettings) -> None:
    address = f"GUICHET_LMTP_HOST {settings.lmtp_host}:{settings.lmtp_port}"
    try:
        _transact(envelope, settings)
    except SMTPRecipientsRefused as exc:  # of all: its text names them
        codes = sorted({code for code, _ in exc.recipients.values()})
        raise RedeliveryError(f"{address} knows none of the mailboxes that it came for ({codes})") from None
    except SMTPResponseException as exc:
        raise RedeliveryError(f"{address} answered {exc.smtp_code}: see ingest-email's log") from None
    except (SMTPException, OSError, ValueError) as exc:
        raise RedeliveryError(f"{address} does not take mail ({type(exc).__name__}): does ingest-email run?") from None


def _transact(envelope: Envelope, settings: LmtpSettings) -> None:
    client = LMTP(settings.lmtp_host, settings.lmtp_port, local_hostname="guichet-cli", timeout=TIMEOUT_S)
    try:
        addresses = "".join((envelope.return_path, *envelope.recipients))
        options = ["BODY=8BITMIME", *([] if addresses.isascii() else ["SMTPUTF8"])]
        client.sendmail(envelope.return_path, envelope.recipients, envelope.content, options)
    finally:
        client.close()  # without QUIT: ingest-email answers each recipient alike, and smtplib reads one answer only
