"""The way to the data protection officer: a mail by the town's relay."""

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import aiosmtplib

from gdpr_worker.domain.dpo_notice import notice_of
from guichet.errors import TransientError
from guichet.ids import derive_id
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options
from guichet.town.town import Town
from guichet.vault.erasure_ledger.entry import ErasureEntry

_PATIENCE_S: Final = 15.0


class DpoMail:
    """Mails the notice to the address that the town's file gives."""

    def __init__(self, smtp: SmtpSettings, town: Town, clock: Callable[[], datetime]) -> None:
        self._smtp = smtp
        self._town = town
        self._clock = clock

    async def notify(self, entry: ErasureEntry, begins_at: datetime) -> None:
        """Return once the relay has taken the mail. May be repeated. Raises TransientError."""
        if self._town.demonstration:  # nobody is written to, and nobody real is erased
            return
        if self._town.dpo is None:
            raise TransientError("town.yaml names no dpo: nobody can be told, and no erasure begins")
        try:
            await aiosmtplib.send(
                write_mail(entry, begins_at, self._clock(), self._town, to=self._town.dpo),
                **relay_options(self._smtp),
                timeout=_PATIENCE_S,
            )
        except (aiosmtplib.SMTPException, OSError) as exc:
            raise TransientError(f"the mail relay: {type(exc).__name__}") from exc


def write_mail(entry: ErasureEntry, begins_at: datetime, now: datetime, town: Town, *, to: str) -> EmailMessage:
    """Return the notice as a mail; sent once more after a doubt it has the same Message-ID. Pure."""
    notice = notice_of(entry, begins_at, town.name)
    mail = EmailMessage()
    mail["From"] = town.main_mailbox
    mail["To"] = to
    mail["Subject"] = notice.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<erasure-{derive_id('dpo-mail', entry.request_id)}@{town.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps out-of-office replies away
    mail.set_content(notice.text)
    return mail
