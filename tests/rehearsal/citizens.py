"""Citizens who write, each once, by each way; the town's mail server, which puts copies in a mailbox."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import httpx

from citizen_sandbox.play.entry import State
from guichet_testing.real.maildir import Mailbox
from guichet_testing.town.portal_form import portal_form
from guichet_testing.town.sandbox_client import SandboxClient
from tests.rehearsal.ways import Way, When, Written

TOWN: Final = "contact@mairie.example"
_CHAT, _PHONE = 710_000_000, "+3363998"


@dataclass
class Citizens:
    """inbox, copies: mailboxes that the town reads. written: all that they wrote."""

    sandbox: SandboxClient
    portal: str
    inbox: Mailbox
    copies: Mailbox
    written: list[Written] = field(default_factory=list)
    _count: int = 0

    async def write(self, when: When, ways: Iterable[Way], each: int = 1) -> None:
        """Write so many messages by each way, all at once; what is refused is kept by its source, or given up."""
        await asyncio.gather(*(self._write(way, when) for way in ways for _ in range(each)))

    async def _write(self, way: Way, when: When) -> None:
        self._count += 1
        address, taken = await self._sent(way, self._count)
        self.written.append(Written(way, when, address, taken))

    async def _sent(self, way: Way, number: int) -> tuple[str, bool]:
        address = f"habitant-{number}@courriel.example"
        match way:
            case Way.IMAP:
                self.inbox.deliver([_mail(address, number)])
                return address, True
            case Way.COPIED | Way.HANDED_OVER:
                mail = _mail(address, number)
                if way is Way.COPIED:  # the mail server's always_bcc
                    self.copies.deliver([mail])
                entry = await self.sandbox.send_raw_mail(mail, address, [TOWN], proof="pass")
                return address, entry.state is State.ACCEPTED
            case Way.SMS:
                phone = f"{_PHONE}{1000 + number}"
                entry = await self.sandbox.send_sms(phone=phone, text=f"Un lampadaire est en panne, {number}.")
                return phone, entry.state is State.ACCEPTED
            case Way.TELEGRAM:
                entry = await self.sandbox.send_telegram(writer_id=_CHAT + number, text=f"Un trou, {number}.")
                return str(_CHAT + number), entry.state is State.ACCEPTED
            case Way.FORM:
                return address, await self._filled_in(address, number)

    async def _filled_in(self, address: str, number: int) -> bool:
        fields = {"name": f"Habitant {number}", "email": address, "subject": f"Demande {number}", "message": "Bonjour"}
        try:
            async with portal_form(self.portal) as form:
                return await form.send(fields) == 303
        except (httpx.HTTPError, ValueError):  # ValueError: half a page
            return False


def _mail(address: str, number: int) -> bytes:
    return (
        f"From: Habitant {number} <{address}>\r\nTo: {TOWN}\r\nSubject: Demande {number}\r\n"
        f"Message-ID: <demande-{number}@courriel.example>\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\n\r\n"
        f"Bonjour, ceci est la demande {number}.\r\n"
    ).encode()
