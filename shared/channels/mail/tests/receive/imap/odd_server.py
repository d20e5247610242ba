"""A mailbox's server that answers as no sound one does, for what a real Dovecot cannot be made to do."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from guichet_mail.mail_file import ImapAccount
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT

WHOLE = ("IMAP4rev1", "AUTH=PLAIN", "IDLE", "UIDPLUS", "MOVE")
LONG_AGO = '"01-Feb-2026 09:30:00 +0100"'


@dataclass
class OddServer:
    """mails: by number. odd: what is answered instead to the FETCH of a mail's body. heard: every command.

    greeting, dates, sizes: said instead of what is true. at_idle: said before its consent; with_consent: in one packet
    with it; comes_at_idle: mails that come then. silent_at: a command that is never answered. next_uid: whether SELECT says it. refusal: of a password.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    capabilities: tuple[str, ...] = WHOLE
    odd: dict[int, bytes] = field(default_factory=dict)
    dates: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    greeting: bytes = b"* OK odd\r\n"
    at_idle: bytes = b""
    with_consent: bytes = b""
    comes_at_idle: dict[int, bytes] = field(default_factory=dict)
    silent_at: str = ""
    refusal: bytes = b""
    next_uid: bool = True
    validity: int | None = 7
    moved: dict[int, bytes] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    port: int = 0
    _marked: set[int] = field(default_factory=set)
    _connections: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def account(self) -> ImapAccount:
        return self.account_with()

    def account_with(self, **more: Any) -> ImapAccount:
        said = {"host": "127.0.0.1", "port": self.port, "security": "none", "user": CONTACT, "since": date(2026, 1, 1)}
        return ImapAccount.model_validate({**said, **more})

    def put(self, uid: int, mail: bytes) -> None:
        """Take a mail, and tell whoever waits for news."""
        self.mails[uid] = mail
        for each in self._connections:
            each.write(b"* %d EXISTS\r\n" % len(self.mails))

    def hang_up(self) -> None:
        for each in self._connections:
            each.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.append(writer)
        writer.write(self.greeting)
        try:
            while line := await reader.readline():
                tag, _, command = line.decode().strip().partition(" ")
                self.heard.append(command)
                if self.silent_at and command.startswith(self.silent_at):
                    await asyncio.sleep(3600)
                await self._answer(tag, command, reader, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._connections.remove(writer)
            writer.close()

    async def _answer(self, tag: str, command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for form, answer in self._answers().items():
            if found := re.fullmatch(form, command, re.DOTALL):
                said = answer(found)
                writer.write(said if said.startswith(b"!") is False else b"")
                if said.startswith(b"!IDLE"):
                    self.mails |= self.comes_at_idle
                    writer.write(self.at_idle)
                    await writer.drain()
                    writer.write(b"+ idling\r\n" + self.with_consent)
                    await reader.readline()
                elif said.startswith(b"!AUTH"):
                    writer.write(b"+ \r\n")
                    self.heard.append((await reader.readline()).decode().strip())
                    if self.refusal:
                        writer.write(tag.encode() + b" " + self.refusal)
                        return
                writer.write(f"{tag} OK done\r\n".encode())
                return
        writer.write(f"{tag} NO [CANNOT] not here\r\n".encode())

    def _answers(self) -> dict[str, Callable[[re.Match[str]], bytes]]:
        return {
            "CAPABILITY": lambda _: f"* CAPABILITY {' '.join(self.capabilities)}\r\n".encode(),
            "AUTHENTICATE PLAIN": lambda _: b"!AUTH",
            "LOGIN .*": lambda _: b"",
            "(SELECT|EXAMINE) .*": lambda _: self._selected(),
            "UID SEARCH UID ([0-9]+):.*": lambda found: self._searched(int(found[1])),
            r"UID FETCH ([0-9,]+) \(INTERNALDATE RFC822.SIZE\)": lambda found: self._listed(found[1]),
            r"UID FETCH ([0-9,]+) \(BODY.PEEK\[\]\)": lambda found: self._bodies(found[1]),
            r"UID FETCH ([0-9,]+) \(BODY.PEEK\[HEADER\]\)": lambda found: self._heads(found[1]),
            r"UID STORE ([0-9,]+) .*Deleted.*": lambda found: self._marked.update(numbers(found[1])) or b"",
            "UID COPY ([0-9,]+) .*": lambda found: (
                self.moved.update({n: self.mails[n] for n in numbers(found[1])}) or b""
            ),
            "UID EXPUNGE ([0-9,]+)": lambda found: self._expunged(found[1]),
            "LIST .*": lambda _: b'* LIST () "/" INBOX\r\n* LIST () "/" "Fait"\r\n',
            "IDLE": lambda _: b"!IDLE",
            "NOOP": lambda _: b"",
            "LOGOUT": lambda _: b"* BYE\r\n",
        }

    def _selected(self) -> bytes:
        more = f"* OK [UIDNEXT {max(self.mails, default=0) + 1}] next\r\n" if self.next_uid else ""
        count = "" if self.validity is None else f"* OK [UIDVALIDITY {self.validity}] valid\r\n"
        flags = r"* OK [PERMANENTFLAGS (\Deleted \Seen \Flagged)] some" + "\r\n"
        return f"* {len(self.mails)} EXISTS\r\n* 0 RECENT\r\n* OK [READ-WRITE] yes\r\n{flags}{count}{more}".encode()

    def _searched(self, first: int) -> bytes:
        found = [uid for uid in sorted(self.mails) if uid >= first] or [max(self.mails, default=1)]
        return f"* SEARCH {' '.join(map(str, found))}\r\n".encode() if self.mails else b"* SEARCH\r\n"

    def _listed(self, uids: str) -> bytes:
        return b"".join(
            f"* {uid} FETCH (UID {uid} INTERNALDATE {self.dates.get(uid, LONG_AGO)}"
            f" RFC822.SIZE {self.sizes.get(uid, len(self.mails[uid]))})\r\n".encode()
            for uid in numbers(uids)
            if uid in self.mails and self.dates.get(uid) != "gone"
        )

    def _bodies(self, uids: str) -> bytes:
        return b"".join(self.odd.get(uid) or body(uid, self.mails[uid]) for uid in numbers(uids) if uid in self.mails)

    def _heads(self, uids: str) -> bytes:
        return b"".join(
            body(uid, self.mails[uid].partition(b"\r\n\r\n")[0] + b"\r\n\r\n", b"HEADER") for uid in numbers(uids)
        )

    def _expunged(self, uids: str) -> bytes:
        for uid in numbers(uids):
            assert uid in self._marked, "expunged what was not marked"
            del self.mails[uid]
        return b""


def body(uid: int, mail: bytes, part: bytes = b"") -> bytes:
    return b"* %d FETCH (UID %d BODY[%s] {%d}\r\n%s)\r\n" % (uid, uid, part, len(mail), mail)


def numbers(uids: str) -> list[int]:
    return [int(each) for each in uids.split(",")]


@asynccontextmanager
async def serving(server: OddServer, tls: ssl.SSLContext | None = None) -> AsyncIterator[OddServer]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.hang_up()
