"""The two ways to whoever is on call: mail and webhook. Each raises TransientError; announcing tries again."""

from email.message import EmailMessage
from email.utils import format_datetime, localtime
from typing import Final, Protocol

import aiosmtplib
import httpx

from guichet.errors import TransientError
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options
from ops_console.domain.alarms.notice import Notice

_PATIENCE_S: Final = 15.0


class NoticeSender(Protocol):
    """A way to whoever is on call."""

    name: str

    async def send(self, notice: Notice) -> None:
        """Return once it was taken. Raises TransientError."""


class MailSender(NoticeSender):
    """By the town's mail relay. Sent again after a doubt, a notice has the same Message-ID."""

    name = "mail"

    def __init__(self, smtp: SmtpSettings, *, sender: str, recipient: str) -> None:
        self._smtp = smtp
        self._sender = sender
        self._recipient = recipient

    async def send(self, notice: Notice) -> None:
        try:
            await aiosmtplib.send(
                write_mail(notice, sender=self._sender, recipient=self._recipient),
                **relay_options(self._smtp),
                timeout=_PATIENCE_S,
            )
        except (aiosmtplib.SMTPException, OSError) as exc:
            raise TransientError(f"the mail relay: {type(exc).__name__}") from exc


def write_mail(notice: Notice, *, sender: str, recipient: str) -> EmailMessage:
    """Return the notice as a mail. Auto-Submitted keeps out-of-office replies away (RFC 3834)."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = notice.subject
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = f"<alarm-{notice.identity}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(notice.text)
    return mail


class WebhookSender(NoticeSender):
    """By a POST of JSON; `text` is what Mattermost, Rocket.Chat and Slack show."""

    name = "webhook"

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def send(self, notice: Notice) -> None:
        body = {"id": notice.identity, "text": f"{notice.subject}\n\n{notice.text}", "alarms": list(notice.alarms)}
        try:
            answer = await self._http.post(self._url, json=body, timeout=_PATIENCE_S)
            answer.raise_for_status()
        except httpx.HTTPError as exc:
            raise TransientError(f"the on-call webhook: {type(exc).__name__}") from exc
