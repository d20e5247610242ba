"""Hand a mail in by LMTP, as the town's mail server does."""

import asyncio
from collections.abc import Awaitable, Callable
from smtplib import LMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Final

from guichet.channel.envelope import Envelope
from guichet.runtime.settings import SettingsGroup, read_settings
from guichet_cli.dead_letters.redelivery import DoorClosedError

TIMEOUT_S: Final = 60.0


class LmtpSettings(SettingsGroup):
    """Where ingest-email takes mail."""

    lmtp_host: str = "127.0.0.1"
    lmtp_port: int = 8024


def mail_door(payload: bytes) -> Callable[[], Awaitable[None]]:
    """Return what hands the mail in, for the recipients that it came for. Raises PermanentError, SettingsError."""
    envelope, settings = Envelope.from_bytes(payload), read_settings(LmtpSettings)

    async def hand_in() -> None:
        await asyncio.to_thread(_hand_in, envelope, settings)

    return hand_in


def _hand_in(envelope: Envelope, settings: LmtpSettings) -> None:
    place = f"GUICHET_LMTP_HOST {settings.lmtp_host}:{settings.lmtp_port}"
    try:
        _transact(envelope, settings)
    except SMTPRecipientsRefused as exc:  # of all: its text names them
        codes = sorted({code for code, _ in exc.recipients.values()})
        raise DoorClosedError(f"{place} knows none of the mailboxes that it came for ({codes})") from None
    except SMTPResponseException as exc:
        raise DoorClosedError(f"{place} answered {exc.smtp_code}: see ingest-email's log") from None
    except (SMTPException, OSError, ValueError) as exc:
        raise DoorClosedError(f"{place} does not take mail ({type(exc).__name__}): does ingest-email run?") from None


def _transact(envelope: Envelope, settings: LmtpSettings) -> None:
    door = LMTP(settings.lmtp_host, settings.lmtp_port, local_hostname="guichet-cli", timeout=TIMEOUT_S)
    try:
        addresses = "".join((envelope.return_path, *envelope.recipients))
        options = ["BODY=8BITMIME", *([] if addresses.isascii() else ["SMTPUTF8"])]
        door.sendmail(envelope.return_path, envelope.recipients, envelope.content, options)
    finally:
        door.close()  # without QUIT: ingest-email answers each recipient alike, and smtplib reads the first answer only
