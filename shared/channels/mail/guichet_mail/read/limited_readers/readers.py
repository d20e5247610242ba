"""Read mails in processes that have limits of memory and time, one each."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Final, Self

import structlog

from guichet.channel.envelope import Envelope
from guichet.contracts.topics import MIB
from guichet.errors import PermanentError, TransientError
from guichet_mail.read.limited_readers.reader_queue import ReaderQueue
from guichet_mail.read.limited_readers.server import DEADLINE_S, FAILED, LIMITS, PID_BYTES, SIZE_BYTES
from guichet_mail.read.limited_readers.wire import from_bytes
from guichet_mail.read.parse import MailReader, Reading

log = structlog.get_logger()

READERS: Final = 2
WAIT_S: Final = 60.0  # for a reader; after it the mail server keeps the mail for a while
_REASON: Final = re.compile(r"[A-Za-z-]{1,40}")
_GRACE_S: Final = 5.0  # after the reader's own deadline; and for the server to fork
_INHERITED: Final = ("PYTHONPATH", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX")  # what it takes to start


class BrokenReaderError(PermanentError):
    """A mail ended the process that read it, or was not read in time."""

    def __init__(self) -> None:
        super().__init__("a mail broke its reader", reason="limits")


@dataclass
class _Reader:
    """A process, which reads one mail."""

    pid: int
    incoming: asyncio.StreamReader
    outgoing: asyncio.StreamWriter


def _given_up(reason: bytes) -> PermanentError:
    """reason: what a process says that nobody trusts; it becomes a label of metrics only where it looks like one."""
    said = reason.decode(errors="replace")
    if said == LIMITS:
        return BrokenReaderError()
    return PermanentError("a reader process gave a mail up", reason=said if _REASON.fullmatch(said) else "unreadable")


class LimitedReaders:
    """Up to `READERS` processes, forked at need from one that is clean. An async context manager."""

    program: ClassVar[Sequence[str]] = ("-m", "guichet_mail.read.limited_readers.server")

    def __init__(self, reader: MailReader) -> None:
        boxes = reader.mailboxes
        own = {way: each.to_dict() for way, each in reader.own.items()}
        self._setup = json.dumps({"mailboxes": boxes.addresses, "main": boxes.main, "own": own})
        self._queue = ReaderQueue(READERS)
        self._forking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.close()
        await asyncio.to_thread(self._end_server)

    async def read(self, envelope: Envelope) -> Reading:
        """Return what a mail says. Raises PermanentError (BrokenReaderError among them) and TransientError."""
        try:
            async with self._queue.a_reader(len(envelope.content), WAIT_S):
                return await self._read_by_one(envelope.to_bytes())
        except TimeoutError as exc:
            raise TransientError("every reader process is busy") from exc

    async def _read_by_one(self, mail: bytes) -> Reading:
        """By a process of its own: one that a mail took over must be given no other's."""
        try:
            return await self._read(await self._fork(), mail)
        except (EOFError, ConnectionError) as exc:
            raise BrokenReaderError from exc

    async def _read(self, reader: _Reader, mail: bytes) -> Reading:
        try:
            async with asyncio.timeout(DEADLINE_S + _GRACE_S):
                reader.outgoing.write(len(mail).to_bytes(SIZE_BYTES) + mail)
                await reader.outgoing.drain()
                size = int.from_bytes(await reader.incoming.readexactly(SIZE_BYTES))
                if size > 8 * len(mail) + MIB:
                    raise BrokenReaderError
                answer = await reader.incoming.readexactly(size)
        except TimeoutError as exc:
            raise BrokenReaderError from exc
        finally:
            self._end(reader)
        if answer[:1] == FAILED:
            raise _given_up(answer[1:])
        return from_bytes(answer[1:])

    def _end(self, reader: _Reader) -> None:
        reader.outgoing.close()
        try:
            self._control.send(reader.pid.to_bytes(PID_BYTES))
        except OSError:
            log.warning("the reader server is gone")

    async def _fork(self) -> _Reader:
        async with self._forking:
            try:
                return await self._forked()
            except (OSError, EOFError, TimeoutError):
                log.warning("the reader server is started anew")
                await asyncio.to_thread(self._end_server)
                self._control.close()
                self._start()
            try:
                return await self._forked()
            except (OSError, EOFError, TimeoutError) as exc:
                raise TransientError("no reader process can be started") from exc

    async def _forked(self) -> _Reader:
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [bytes(PID_BYTES)], [theirs.fileno()])
            incoming, outgoing = await asyncio.open_connection(sock=ours, limit=MIB)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        try:
            async with asyncio.timeout(DEADLINE_S):  # it says itself who it is: nobody else's number is taken for it
                return _Reader(int.from_bytes(await incoming.readexactly(PID_BYTES)), incoming, outgoing)
        except BaseException:
            outgoing.close()  # by which it ends
            raise

    def _start(self) -> None:
        """Start the server; it inherits one socket and no variable that could be a secret."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        command = [sys.executable, *self.program, self._setup]
        self._server = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment)  # noqa: S603
        theirs.close()

    def _end_server(self) -> None:
        try:
            self._server.wait(_GRACE_S if self._control.fileno() < 0 else 0)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
