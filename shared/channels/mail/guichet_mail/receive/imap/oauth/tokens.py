"""The token that opens a mailbox, renewed before it ends.

Some providers take a refresh token once and give a new one with each answer: that is kept before it is used, and asked
of the store each time, since another process may have led meanwhile.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import httpx
import structlog

from guichet.channel.mailbox_places import MailboxPlaces
from guichet.errors import TransientError
from guichet_mail.imap_secrets import Secrets
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.oauth.kept_token import open_token, seal_token
from guichet_mail.receive.imap.oauth.token_endpoint import Granted, ask_for_token

log = structlog.get_logger()

EARLY: Final = timedelta(minutes=5)  # so long before its end a token is renewed, or at half of its life


class NoTokens:
    """Of a mailbox that a password opens."""

    async def token(self) -> str:
        """Return none."""
        return ""

    def forget(self) -> None:
        """Hear that the mailbox did not take the password: there is no other."""


class Tokens:
    """Of one account. key: what refresh tokens are sealed under. place: the account's name in `places`."""

    def __init__(
        self,
        account: ImapAccount,
        secrets: Secrets,
        *,
        place: str,
        places: MailboxPlaces,
        key: bytes,
        http: httpx.AsyncClient,
        now: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._secrets = secrets
        self._place = place
        self._places = places
        self._key = key
        self._http = http
        self._now = now
        self._access_token = ""
        self._good_until: datetime | None = None
        self._not_kept = ""

    async def token(self) -> str:
        """Return a token that is good for some minutes. Raises MailboxError, SignInRefusedError."""
        if self._good_until is None or self._now() >= self._good_until:
            asked_at = self._now()  # however long the answer takes, it is no older where it was made
            granted = await self._granted()
            self._access_token = granted.access_token
            self._good_until = asked_at + granted.life - min(EARLY, granted.life / 2)
        return self._access_token

    def forget(self) -> None:
        """Hear that the mailbox did not take the token: the next is a new one."""
        self._good_until = None

    async def _granted(self) -> Granted:
        if self._account.oauth is None or self._account.oauth.grant == "client-credentials":
            return await ask_for_token(self._account, self._secrets, "", self._http)
        granted = await ask_for_token(self._account, self._secrets, await self._refresh_token(), self._http)
        if granted.refresh_token:
            self._not_kept = granted.refresh_token
            with suppress(TransientError):  # it is in memory, and kept before the next is asked for
                await self._keep()
        return granted

    async def _refresh_token(self) -> str:
        if self._not_kept:
            newest = self._not_kept
            await self._keep()
            return newest
        sealed = await self._places.token(self._place)
        kept = None if sealed is None else open_token(self._key, self._place, sealed, self._secrets.refresh_token)
        return kept or self._secrets.refresh_token

    async def _keep(self) -> None:
        sealed = seal_token(self._key, self._place, self._not_kept, self._secrets.refresh_token)
        await self._places.keep_token(self._place, sealed)
        self._not_kept = ""
