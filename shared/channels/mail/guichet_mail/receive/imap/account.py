"""One mailbox, for as long as the process lives: who leads reads it, whoever else is ready to take over.

Nothing that happens to it touches another one, nor LMTP.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

import structlog

from guichet.channel.catch_up_rounds import READY, TakenError, keeping
from guichet.channel.lent import Host
from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import SignInRefusedError
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox, opened
from guichet_mail.receive.imap.pause import pause_after
from guichet_mail.receive.imap.poll import MailboxPoller, place_name
from guichet_mail.receive.imap.report import Report

log = structlog.get_logger()

NO_TIME: Final = timedelta(0)
LOOKED_INTO_EVERY: Final = timedelta(seconds=1)  # at most, however often a server tells of news


class SignsIn(Protocol):
    """What opens a mailbox."""

    async def token(self) -> str:
        """Return a token that is good for some minutes; blank where a password opens it. Raises MailboxError."""

    def forget(self) -> None:
        """Hear that the mailbox did not take it."""


@dataclass(frozen=True)
class Account:
    """One mailbox of mail.yaml. every: how often it is looked into, whatever its server tells of itself."""

    name: str
    account: ImapAccount
    trust: ssl.SSLContext
    every: timedelta
    host: Host
    report: Report
    new_poller: Callable[[], MailboxPoller]
    signs_in: SignsIn
    password: str = field(default="", repr=False)

    async def run(self) -> None:
        """Go on until cancelled."""
        place = place_name(self.name, self.account)
        while True:
            pause = READY
            try:
                async with self.host.mailbox_places.leading(place) as held:
                    await keeping(held, self._lead())
            except TakenError:
                self.report.another_reads()
            except TransientError as error:  # of the lease: the store is away, or this process slept
                pause = self._after(error)
            await self.host.clock.sleep(pause)

    async def _lead(self) -> None:
        """Read it over one connection after the other."""
        poller = self.new_poller()
        while True:
            try:
                await self._over_one_connection(poller)
            except TransientError as error:
                await self.host.clock.sleep(self._after(error))
            except Exception as error:  # a bug here must not take the other ways in down with it
                cause = f"{self.host.service}:imap:{type(error).__name__}"
                log.error("mailbox failed", account=self.name, error=type(error).__name__)
                raise_alarm(Alarm.BUG, cause)
                await self.host.clock.sleep(READY)

    def _after(self, error: TransientError) -> timedelta:
        self.report.failed(error, self.host.clock.now())
        return pause_after(error, self.report.failures)

    async def _over_one_connection(self, poller: MailboxPoller) -> None:
        self.report.secret(self.host.clock.now())
        async with opened(self.name, self.account, self.trust) as mailbox:
            await self._sign_in(mailbox)
            tells = await mailbox.can("IDLE")
            while True:
                begun = self.host.clock.now()
                await poller.poll(mailbox)
                await self._wait(mailbox, tells=tells)
                await self.host.clock.sleep(max(NO_TIME, begun + LOOKED_INTO_EVERY - self.host.clock.now()))
                await self.signs_in.token()  # renewed while all is well, so that a refusal is heard before it matters

    async def _sign_in(self, mailbox: OpenMailbox) -> None:
        token = await self.signs_in.token()
        try:
            await mailbox.sign_in(self.password, token)
        except SignInRefusedError:
            self.signs_in.forget()
            raise

    async def _wait(self, mailbox: OpenMailbox, *, tells: bool) -> None:
        if tells:
            await mailbox.wait_for_news(self.host.clock.sleep(self.every))
        else:
            await self.host.clock.sleep(self.every)
