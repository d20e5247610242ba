"""Send what is ready over a few connections, as fast as it is answered. Cheaper than any client library."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 32
GIVE_UP_S: Final = 90.0

Exchange = Sequence[bytes]
"""What goes over one connection in a row, each piece once the one before is answered: one request, or a mail."""


@dataclass(frozen=True)
class Wire:
    """A protocol. is_complete: whether the bytes so far are a whole answer to a piece. is_good: whether it accepts.

    greets: the server speaks first. opening: what to say before the first exchange.
    """

    is_complete: Callable[[bytes, bytes], bool]
    is_good: Callable[[bytes], bool]
    greets: bool = False
    opening: Exchange = ()


class UnexpectedAnswerError(Exception):
    """Something was refused: what would be measured is not what was meant."""


async def exchanges_per_second(
    wire: Wire, port: int, exchanges: Sequence[Exchange], connections: int = CONNECTIONS
) -> float:
    """Do every exchange once; return how many were accepted a second. Raises UnexpectedAnswerError."""
    begun = time.perf_counter()
    await do_all(wire, port, exchanges, connections)
    return len(exchanges) / (time.perf_counter() - begun)


async def do_all(wire: Wire, port: int, exchanges: Iterable[Exchange], connections: int = CONNECTIONS) -> None:
    """Do every exchange once. Raises UnexpectedAnswerError."""
    waiting, loop = iter(exchanges), asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: _Client(wire, waiting), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    try:
        async with asyncio.timeout(GIVE_UP_S):
            await asyncio.gather(*(client.done for client in clients))
    finally:
        for client in clients:
            client.close()


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, wire: Wire, waiting: Iterator[Exchange]) -> None:
        self._wire = wire
        self._waiting = waiting
        self._left = iter(wire.opening)
        self._asked = b""
        self._answer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._wire.greets:
            self._go_on()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._wire.is_complete(self._answer, self._asked):
            answer, self._answer = self._answer, b""
            if self._wire.is_good(answer):
                self._go_on()
            else:
                self._fail(answer[:100].decode(errors="replace"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed")

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()

    def _go_on(self) -> None:
        piece = next(self._left, None)
        while piece is None:
            exchange = next(self._waiting, None)
            if exchange is None:
                return self._end()
            self._left = iter(exchange)
            piece = next(self._left, None)
        self._asked = piece
        return self._transport.write(piece)

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(UnexpectedAnswerError(why))
