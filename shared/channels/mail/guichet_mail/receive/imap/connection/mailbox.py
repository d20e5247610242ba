"""A mailbox's conversation (session.py) from the event loop: in a thread of its own, with a limit of time for all."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, TypeVar

from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import MailboxError
from guichet_mail.receive.imap.connection.folder import Folder, Listed
from guichet_mail.receive.imap.connection.mailbox_thread import OwnThread
from guichet_mail.receive.imap.connection.session import MailboxSession
from guichet_mail.receive.imap.connection.wire import Line

T = TypeVar("T")

LONGEST_S: Final = 300.0  # of one command: 25 MiB over a slow line
CONNECTING_S: Final = 90.0  # names of several addresses, each tried
IDLE_S: Final = 25.0  # then it is begun anew: a dead connection is noticed, a router on the way forgets none


class OpenMailbox:
    """Every method raises MailboxError. Who is cancelled leaves a connection that only `opened` ends."""

    def __init__(self, session: MailboxSession, thread: OwnThread, line: Line) -> None:
        self._session = session
        self._thread = thread
        self._line = line
        self._woken, self._wake = socket.socketpair()

    async def sign_in(self, password: str, token: str) -> None:
        """Sign in, by token where the account does. Raises SignInRefusedError too."""
        await self._run(lambda: self._session.sign_in(password, token))

    async def can(self, capability: str) -> bool:
        """Return whether the server has an extension."""
        return await self._run(lambda: self._session.can(capability))

    async def select(self, *, to_change: bool) -> Folder:
        """Open the account's folder and see what is new."""
        return await self._run(lambda: self._session.select(to_change=to_change))

    async def folders(self) -> list[str]:
        """Return the names of all folders."""
        return await self._run(self._session.folders)

    async def search(self, after: int, since: datetime | None = None) -> list[int]:
        """Return the numbers of the mails behind `after`, those taken from `since` on and some older ones."""
        return await self._run(lambda: self._session.search(after, since))

    async def listed(self, uids: Iterable[int]) -> list[Listed]:
        """Return what the server says of these mails."""
        return await self._run(lambda: self._session.listed(uids))

    async def mails(self, uids: Iterable[int], size: int) -> dict[int, bytes]:
        """Return the mails that the server gives, by number. size: of them all, as it said."""
        return await self._run(lambda: self._session.mails(uids, size))

    async def head(self, uid: int) -> bytes:
        """Return a mail's headers alone, blank where the server does not give them."""
        return await self._run(lambda: self._session.head(uid))

    async def flag(self, uids: Iterable[int], flag: str) -> bool:
        """Mark mails; return whether the server let us."""
        return await self._run(lambda: self._session.flag(uids, flag))

    async def move(self, uids: Iterable[int], folder: str) -> bool:
        """Move mails to another folder; return whether the server let us."""
        return await self._run(lambda: self._session.move(uids, folder))

    async def wait_for_news(self, until: Awaitable[object]) -> bool:
        """Wait until the server tells something or `until` is over; return whether it told."""
        over = asyncio.ensure_future(until)
        over.add_done_callback(lambda _: self._wake.send(b"."))
        try:
            while not over.done():
                if await self._run(lambda: self._session.wait_for_news(IDLE_S, self._woken)):
                    return True
            return False
        finally:
            over.cancel()
            await asyncio.wait({over})
            self._hear_nothing_more()

    def _hear_nothing_more(self) -> None:
        self._woken.setblocking(False)
        try:
            self._woken.recv(64)
        except BlockingIOError:
            return

    async def say_goodbye(self) -> None:
        """Take leave."""
        await self._run(self._session.say_goodbye)

    def end(self) -> None:
        """End the connection, whatever it is at; what it was at lets go of it."""
        self._line.break_off()
        self._thread.end_with(self._let_go)

    def _let_go(self) -> None:
        self._session.close()
        for each in (self._line, self._woken, self._wake):
            each.close()

    async def _run(self, call: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(LONGEST_S):
                return await self._thread.run(call)
        except TimeoutError:
            self._line.break_off()
            raise MailboxError(f"the server took longer than {LONGEST_S:g} s.") from None


@asynccontextmanager
async def opened(name: str, account: ImapAccount, trust: ssl.SSLContext) -> AsyncIterator[OpenMailbox]:
    """Connect, and end the connection with the block. Raises MailboxError."""
    thread, line = OwnThread(f"imap {name}"), Line()
    mailbox = OpenMailbox(await _connected(account, trust, thread, line), thread, line)
    try:
        yield mailbox
    finally:
        mailbox.end()


async def _connected(account: ImapAccount, trust: ssl.SSLContext, thread: OwnThread, line: Line) -> MailboxSession:
    made: list[MailboxSession] = []
    try:
        async with asyncio.timeout(CONNECTING_S):
            await thread.run(lambda: made.append(MailboxSession(account, trust, line)))
    except BaseException as exc:
        line.break_off()
        thread.end_with(lambda: _close(made, line))
        if isinstance(exc, TimeoutError):
            raise MailboxError(f"{account.address[0]} takes no connection within {CONNECTING_S:g} s.") from None
        raise
    return made[0]


def _close(made: list[MailboxSession], line: Line) -> None:
    """Close the connection that came about when nobody waited for it any more."""
    for each in made:
        each.close()
    line.close()
