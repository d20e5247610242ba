"""Open a mailbox to look at it, as an operator asks: nothing is taken in, marked or moved."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from guichet.errors import SettingsError
from guichet.runtime.settings import read_settings
from guichet.town import load_town
from guichet_mail.imap_secrets import Secrets, needed_by, secrets_of, variable_of
from guichet_mail.mail_file import NAME, ImapAccount, read_mail_file
from guichet_mail.receive.imap.connection.errors import MailboxError, SignInRefusedError
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox, opened
from guichet_mail.receive.imap.connection.trust import trusting_as_set
from guichet_mail.receive.imap.oauth.token_endpoint import TIMEOUT_S, ask_for_token, clock_of
from guichet_mail.settings import MailSettings, TownFolder

PATIENCE_S: Final = 60.0


@dataclass
class Trial:
    """One mailbox under trial. clock: what time it is where its tokens come from, once that was asked."""

    name: str
    account: ImapAccount
    trust: ssl.SSLContext
    http: httpx.AsyncClient
    clock: datetime | None = None

    @asynccontextmanager
    async def signed_in(self) -> AsyncIterator[OpenMailbox]:
        """Open it and sign in. Raises SettingsError, MailboxError, SignInRefusedError."""
        secrets = secrets_of(self.name, self.account)
        async with asyncio.timeout(PATIENCE_S), opened(self.name, self.account, self.trust) as mailbox:
            try:
                await self._sign_in(mailbox, secrets)
            except SignInRefusedError as error:
                variable = variable_of(self.name, needed_by(self.account))
                raise SignInRefusedError(f"{error} What opens it is the variable {variable}.") from None
            yield mailbox
            await mailbox.say_goodbye()

    async def _sign_in(self, mailbox: OpenMailbox, secrets: Secrets) -> None:
        token = ""
        if self.account.oauth is not None:
            granted = await ask_for_token(self.account, secrets, secrets.refresh_token, self.http)
            token, self.clock = granted.access_token, granted.clock
        await mailbox.sign_in(secrets.password, token)

    @property
    def hint(self) -> str:
        """What to try where a server says nothing: one that speaks TLS waits for it, and greets nobody."""
        return "" if self.account.security == "tls" else f" Does it want security: tls? It has {self.account.security}."

    async def answers(self) -> None:
        """See that mailbox and provider answer, without signing in. Raises SettingsError, MailboxError."""
        secrets_of(self.name, self.account)
        async with asyncio.timeout(PATIENCE_S), opened(self.name, self.account, self.trust):
            try:
                self.clock = clock_of(await self.http.get(self.account.token_url))
            except httpx.HTTPError as exc:
                where = httpx.URL(self.account.token_url).host
                raise MailboxError(f"{where}, which gives tokens, cannot be reached ({type(exc).__name__}).") from None


@asynccontextmanager
async def trials(settings: MailSettings, names: Iterable[str]) -> AsyncIterator[list[Trial]]:
    """Return the mailboxes of mail.yaml, or those of these names. Raises SettingsError."""
    folder = read_settings(TownFolder).town
    if folder is None:
        raise SettingsError("GUICHET_TOWN is not set: mail.yaml lies in that folder.")
    accounts = read_mail_file(folder, load_town(folder).mailboxes).imap
    if not accounts:
        raise SettingsError(f"{folder / NAME} names no mailbox that is read by IMAP.")
    wanted = [*names] or [*accounts]
    if unknown := [name for name in wanted if name not in accounts]:
        raise SettingsError(f"{folder / NAME} has no mailbox {', '.join(unknown)}; it has {', '.join(accounts)}.")
    trust = trusting_as_set(settings)
    async with httpx.AsyncClient(verify=trust, timeout=TIMEOUT_S) as http:
        yield [Trial(name, accounts[name], trust, http) for name in wanted]
