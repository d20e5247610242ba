"""A mailbox of the town's in a real Dovecot, and what reads it, with twins for the broker and the store."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_mail.channel import EMAIL
from guichet_mail.mail_file import ImapAccount, MailFile
from guichet_mail.read.parse import MailReader
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.imap.open_imap import open_imap
from guichet_mail.receive.imap.report import Report
from guichet_mail.settings import MailSettings
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.conformance.world import KEY, World
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.until import until

CONTACT, PASSWORD = "contact@mairie.example", "un mot de passe : « é »"
OFTEN = timedelta(seconds=0.3)
AT_ONCE = timedelta(0)


def a_mail(number: int | str, *, to: str = CONTACT, head: str = "", text: str = "Un trou dans la rue.") -> bytes:
    return (
        f"From: Perrine <perrine@exemple.test>\r\nTo: {to}\r\nSubject: Voirie {number}\r\n{head}"
        f"Message-ID: <{number}@exemple.test>\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\n\r\n{text}\r\n"
    ).encode()


def account(dovecot: Dovecot, user: str = CONTACT, **more: Any) -> ImapAccount:
    said = {"host": dovecot.host, "port": dovecot.tls_port, "user": user, "since": date(2026, 1, 1), **more}
    return ImapAccount.model_validate(said)


class Town:
    """What one town's processes share: what was accepted, how far mailboxes have been read, who leads."""

    def __init__(self, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dovecot = dovecot
        self.world = World()
        self.world.time = datetime.now(UTC)
        self._monkeypatch = monkeypatch

    def password(self, name: str, password: str = PASSWORD) -> None:
        self._monkeypatch.setenv(f"GUICHET_IMAP_{name.upper().replace('-', '_')}_PASSWORD", password)

    @asynccontextmanager
    async def reading(self, accounts: dict[str, ImapAccount], **settings: Any) -> AsyncIterator[None]:
        """Read mailboxes as one process does."""
        addresses = sorted({address for each in accounts.values() for address in each.addresses})
        reader = MailReader(TownMailboxes(addresses, CONTACT), KEY)

        async def read(envelope: Any, at: datetime) -> Any:
            return reader.read(envelope, at)

        host = self.world.lend("mail", INBOUND_EMAIL, EMAIL.facts)
        usual = {"imap_poll_every": OFTEN, "imap_unreadable_after": AT_ONCE, "imap_ca_file": self.dovecot.authority}
        accept = AcceptMail(host, read, reader.salvage)
        try:
            async with open_imap(MailSettings(**usual | settings), host, MailFile(imap=accounts), accept):
                yield
        finally:
            for name, each in accounts.items():
                Report(name, each, AT_ONCE).another_reads()

    @property
    def received(self) -> list[MessageReceived]:
        return self.world.received(INBOUND_EMAIL)

    async def subjects(self) -> list[str]:
        return [str((await self.world.content(each)).subject) for each in self.received]

    async def takes(self, *numbers: int | str) -> None:
        """Wait until these mails, and none twice, were taken in."""
        wanted = sorted(f"Voirie {each}" for each in numbers)
        await until(partial(self._has, len(wanted)), f"{wanted} instead of {await self.subjects()}", seconds=20)
        assert sorted(await self.subjects()) == wanted

    def _has(self, number: int) -> bool:
        return len(self.received) >= number


def alarms_of(cause: str) -> set[Alarm]:
    """Return the alarms that hold now."""
    samples: Iterable[Any] = (sample for metric in ALARM.collect() for sample in metric.samples)
    return {Alarm(each.labels["alarm"]) for each in samples if each.labels["cause"] == cause and each.value}
