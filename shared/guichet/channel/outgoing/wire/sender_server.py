"""A sender's end of the socket: takes letters from the notifier, and from nobody else, and says what became of each."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from guichet.channel.outgoing.sender import Outgoing
from guichet.channel.outgoing.wire.exchange import (
    LONGEST_PATIENCE,
    Answer,
    Greeting,
    Request,
    Trouble,
    Wire,
    decoded,
    encoded,
)
from guichet.channel.outgoing.wire.frames import FrameError, frame, read_frame
from guichet.channel.outgoing.wire.lane_socket import LaneSocket
from guichet.errors import GuichetError, SettingsError, TransientError
from guichet.runtime.telemetry.metrics import SENDS_IN_WORK
from guichet.runtime.telemetry.tracing import headers_of, span_from

AT_MOST: Final = 512  # connections; a notifier has up to 48 letters of a lane under way
HANDED_OVER_WITHIN: Final = timedelta(seconds=10)
STOPPING: Final = timedelta(seconds=15)  # for what is under way; the supervisor waits for 20 s

log = structlog.get_logger()


class SenderServer:
    """Serves one sender on one socket. An attempt ends when the notifier hangs up: nobody would hear of its outcome."""

    def __init__(self, sender: Outgoing, lane: LaneSocket, at_most: int = AT_MOST) -> None:
        self._sender = sender
        self._lane = lane
        self._at_most = at_most
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._attempting: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def start(self) -> None:
        """Open what the sender keeps open, and listen.

        Raises SettingsError where another process has the lane, or the sender more patience than the notifier.
        """
        if self._sender.patience > LONGEST_PATIENCE:
            raise SettingsError(
                f"The sender of {self._sender.name} may take {self._sender.patience}: say at most {LONGEST_PATIENCE}."
            )
        listening = self._lane.listen()
        await self._sender.start()
        self._server = await asyncio.start_unix_server(self._connected, sock=listening)

    async def stop(self, patience: timedelta = STOPPING) -> None:
        """Take no more letters, end what is under way first, and let go of the lane."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
        for each in self._connections - self._attempting:
            each.cancel()
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=patience.total_seconds())
            for each in late:
                each.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._sender.stop()
        self._lane.leave()

    async def check(self) -> None:
        """Raise TransientError unless letters are taken."""
        if self._server is None or not self._server.is_serving():
            raise TransientError("the sender does not listen")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        try:
            if self._takes(writer):
                self._connections.add(connection)
                await self._serve(reader, writer, connection)
        except FrameError as exc:
            log.warning("no letter", lane=self._sender.name, why=str(exc))
        except OSError as exc:
            log.warning("the notifier is gone", lane=self._sender.name, error=type(exc).__name__)
        except EOFError:
            pass  # it keeps this connection no longer
        except asyncio.CancelledError:
            pass  # a stop; asyncio would log it as a trouble of the connection
        finally:
            self._connections.discard(connection)
            writer.close()

    def _takes(self, writer: asyncio.StreamWriter) -> bool:
        """Say whether this connection may hand over a letter: a stranger's, and one too many, get no greeting."""
        if not self._lane.is_notifier(writer.get_extra_info("socket")):
            log.error("a stranger was turned away", lane=self._sender.name)
            return False
        return not self._stopping and len(self._connections) < self._at_most

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: "asyncio.Task[None]"
    ) -> None:
        _write(writer, Greeting(lane=self._sender.name, patience=self._sender.patience))
        while not self._stopping:
            request = decoded(Request, await read_frame(reader, HANDED_OVER_WITHIN))
            self._attempting.add(connection)
            try:
                _write(writer, await self._while_connected(request, reader))
                await writer.drain()
            finally:
                self._attempting.discard(connection)

    async def _while_connected(self, request: Request, reader: asyncio.StreamReader) -> Answer:
        """Return the answer. Raises EOFError when the notifier hangs up before."""
        attempt = asyncio.create_task(self._answer(request))
        hung_up = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({attempt, hung_up}, return_when=asyncio.FIRST_COMPLETED)
            if attempt.done():
                return await attempt
            log.warning("the notifier hung up", lane=self._sender.name, outbound_id=request.letter.outbound_id)
            raise EOFError
        finally:
            await _ended(attempt, hung_up)

    async def _answer(self, request: Request) -> Answer:
        with span_from(headers_of(request.trace), "send"):
            try:
                if request.ask == "settle":
                    return Answer(candidates=tuple(await self._sender.settle(request.letter)))
                with SENDS_IN_WORK.labels(self._sender.name).track_inprogress():
                    return Answer.of(await self._sender.send(request.letter))
            except GuichetError as exc:
                return Answer(trouble=Trouble.of(exc))
            except Exception as exc:
                log.exception("a bug while sending", lane=self._sender.name, outbound_id=request.letter.outbound_id)
                return Answer(trouble=Trouble.of(exc))


def _write(writer: asyncio.StreamWriter, message: Wire) -> None:
    writer.write(frame(encoded(message)))


async def _ended(*tasks: asyncio.Task[Answer] | asyncio.Task[bytes]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await task
