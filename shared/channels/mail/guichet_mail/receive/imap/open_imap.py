"""Read the town's mailboxes by IMAP, each by itself."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import structlog

from guichet.channel.lent import Host
from guichet.errors import SettingsError
from guichet.runtime.background import in_background
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet_mail.imap_secrets import Secrets, secrets_of
from guichet_mail.mail_file import ImapAccount, MailFile
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.imap.account import Account, SignsIn
from guichet_mail.receive.imap.connection.trust import trusting_as_set
from guichet_mail.receive.imap.oauth.token_endpoint import TIMEOUT_S
from guichet_mail.receive.imap.oauth.tokens import NoTokens, Tokens
from guichet_mail.receive.imap.poll import MailboxPoller, place_name
from guichet_mail.receive.imap.report import Report
from guichet_mail.receive.imap.room import Room
from guichet_mail.receive.imap.take_in import TakeIn
from guichet_mail.settings import MailSettings

log = structlog.get_logger()


@asynccontextmanager
async def open_imap(settings: MailSettings, host: Host, file: MailFile, accept: AcceptMail) -> AsyncIterator[None]:
    """Read every mailbox of mail.yaml while the block runs. What one of them lacks is said, and keeps no other.

    Raises SettingsError where GUICHET_IMAP_CA_FILE cannot be read.
    """
    async with AsyncExitStack() as stack:
        trust = trusting_as_set(settings)
        http = await stack.enter_async_context(httpx.AsyncClient(verify=trust, timeout=TIMEOUT_S))
        for each in _Accounts(settings, host, accept, trust, http).of(file):
            await stack.enter_async_context(in_background(each.run(), f"imap {each.name}"))
        yield


class _Accounts:
    """Makes what reads each mailbox."""

    def __init__(
        self, settings: MailSettings, host: Host, accept: AcceptMail, trust: ssl.SSLContext, http: httpx.AsyncClient
    ) -> None:
        self._settings = settings
        self._host = host
        self._accept = accept
        self._trust = trust
        self._http = http
        self._room = Room(settings.imap_max_bytes_in_flight)

    def of(self, file: MailFile) -> Iterator[Account]:
        for name, account in file.imap.items():
            try:
                yield self._made(name, account, secrets_of(name, account))
            except SettingsError as error:
                log.error("mailbox not opened", account=name, error=str(error))
                raise_alarm(Alarm.MAILBOX_NOT_OPENED, name)

    def _made(self, name: str, account: ImapAccount, secrets: Secrets) -> Account:
        report = Report(name, account, self._settings.imap_unreadable_after)
        new_poller = partial(
            MailboxPoller,
            name,
            account,
            take_in=TakeIn(name, account, self._accept, self._settings.lmtp_max_bytes),
            places=self._host.mailbox_places,
            room=self._room,
            report=report,
            clock=self._host.clock,
        )
        signs_in = self._signs_in(name, account, secrets)
        return Account(
            name,
            account,
            self._trust,
            self._settings.imap_poll_every,
            self._host,
            report,
            new_poller,
            signs_in,
            secrets.password,
        )

    def _signs_in(self, name: str, account: ImapAccount, secrets: Secrets) -> SignsIn:
        if account.oauth is None:
            return NoTokens()
        key = self._settings.imap_token_key
        if key is None and account.oauth.grant == "refresh-token":
            raise SettingsError(
                f"GUICHET_IMAP_TOKEN_KEY is not set: refresh tokens of the mailbox {name} are sealed under it."
            )
        return Tokens(
            account,
            secrets,
            place=place_name(name, account),
            places=self._host.mailbox_places,
            key=b"" if key is None else key.get_secret_value(),
            http=self._http,
            now=self._host.clock.now,
        )
