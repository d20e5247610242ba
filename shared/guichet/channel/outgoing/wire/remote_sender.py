"""The notifier's end of the socket: a sender in another process, behind the port of one that is here.

A connection carries one letter at a time, and is kept for the next. Whoever is killed or stopped takes along what its
connections carry, and it is always known whether a letter had been handed over (docs/decisions/0040).
"""

import asyncio
import select
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome, failed
from guichet.channel.outgoing.sender import Outgoing
from guichet.channel.outgoing.wire.exchange import Answer, Greeting, Request, decoded, encoded
from guichet.channel.outgoing.wire.frames import LONGEST_ANSWER, FrameError, TooLongError, frame, read_frame
from guichet.errors import TransientError
from guichet.runtime.telemetry.tracing import current_trace

GREETED_WITHIN: Final = timedelta(seconds=5)
LONGER: Final = timedelta(seconds=10)  # than the sender's own patience, so that its answer is the one that counts


class _LostAnswerError(Exception):
    """The request was handed over, and no answer came."""


@dataclass(frozen=True)
class _Connection:
    """patience: how long an answer is awaited."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    patience: timedelta

    @property
    def stands(self) -> bool:
        """Whether the sender is still there. The kernel knows before the loop does; a sender says nothing unasked."""
        if self.reader.at_eof() or self.writer.is_closing():
            return False
        poll = select.poll()
        poll.register(self.writer.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    async def ask(self, content: bytes) -> Answer:
        """Hand a request over and return the answer. Raises _LostAnswerError, TimeoutError."""
        async with asyncio.timeout(self.patience.total_seconds()):
            try:
                self.writer.write(content)
                return decoded(Answer, await read_frame(self.reader, longest=LONGEST_ANSWER))
            except (OSError, EOFError, FrameError) as exc:
                raise _LostAnswerError from exc


class RemoteSender(Outgoing):
    """socket: the sender's. repeats: see Outgoing. Its patience is the sender's own, as the sender says, and longer."""

    def __init__(self, name: str, socket: Path, repeats: int, longer: timedelta = LONGER) -> None:
        self.name = name
        self.repeats = repeats
        self._socket = socket
        self._longer = longer
        self._idle: list[_Connection] = []

    async def stop(self) -> None:
        """Hang up on every kept connection."""
        while self._idle:
            self._idle.pop().writer.close()

    async def send(self, letter: Letter) -> Outcome:
        try:
            answer = await self._ask(Request(ask="send", letter=letter, trace=current_trace()))
        except TooLongError:
            return failed("too-long")
        except _LostAnswerError:
            return Doubtful("connection-lost")
        except TimeoutError:
            return Doubtful("timed-out")
        if answer.outcome is None:  # another answer than was asked for: it was handed over none the less
            return Doubtful("unreadable-answer")
        return answer.outcome

    async def settle(self, letter: Letter) -> Sequence[Concluded]:
        try:
            answer = await self._ask(Request(ask="settle", letter=letter, trace=current_trace()))
        except TooLongError:  # then no attempt ever left
            return ()
        except (_LostAnswerError, TimeoutError) as exc:
            raise TransientError(f"the sender of {self.name} did not answer") from exc
        if answer.candidates is None:
            raise TransientError(f"the sender of {self.name} answered something else")
        return answer.candidates

    async def _ask(self, request: Request) -> Answer:
        """Return the answer. Raises what the sender raised; TransientError, TooLongError: nothing was handed over."""
        content = frame(encoded(request))
        async with self._connection() as connection:
            answer = await connection.ask(content)
        if answer.trouble is not None:
            raise answer.trouble.as_error()
        return answer

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[_Connection]:
        """Lend a connection that stands; keep it afterwards unless something went wrong: then the sender stops, too."""
        connection = self._kept() or await self._connect()
        try:
            yield connection
        except BaseException:
            connection.writer.close()
            raise
        self._idle.append(connection)

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.stands:
                return connection
            connection.writer.close()
        return None

    async def _connect(self) -> _Connection:
        """Connect to a sender that says that it takes letters. Raises TransientError."""
        try:
            async with asyncio.timeout(GREETED_WITHIN.total_seconds()):
                reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError as exc:  # TimeoutError is one
            raise TransientError(f"the sender of {self.name} cannot be reached") from exc
        try:
            return _Connection(reader, writer, await self._greeted(reader) + self._longer)
        except BaseException:
            writer.close()
            raise

    async def _greeted(self, reader: asyncio.StreamReader) -> timedelta:
        """Return how long the sender may take, as it says. Raises TransientError."""
        try:
            async with asyncio.timeout(GREETED_WITHIN.total_seconds()):
                greeting = decoded(Greeting, await read_frame(reader, longest=LONGEST_ANSWER))
        except (OSError, EOFError, FrameError) as exc:
            raise TransientError(f"the sender of {self.name} takes nothing now") from exc
        if greeting.lane != self.name:
            raise TransientError(f"the socket of {self.name} is that of {greeting.lane}")
        return greeting.patience
