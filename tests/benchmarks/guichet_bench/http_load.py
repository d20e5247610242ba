"""Send ready-made HTTP requests over a few connections, as fast as they are answered. Cheaper than any client."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

CONNECTIONS: Final = 32
GIVE_UP_S: Final = 60.0
_END: Final = b"\r\n\r\n"


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class UnexpectedAnswerError(Exception):
    """A request was refused: what would be measured is not what was meant."""


async def requests_per_second(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> float:
    """Send every request once and return how many were answered 2xx a second. Raises UnexpectedAnswerError."""
    waiting = iter(requests)
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: _Client(waiting), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    begun = time.perf_counter()
    try:
        for client in clients:
            client.begin()
        async with asyncio.timeout(GIVE_UP_S):
            await asyncio.gather(*(client.done for client in clients))
        return len(requests) / (time.perf_counter() - begun)
    finally:
        for client in clients:
            client.close()


class _Client(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the one before is complete."""

    def __init__(self, waiting: Iterator[bytes]) -> None:
        self._waiting = waiting
        self._answer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def begin(self) -> None:
        """Send the first request, or be done where none is left."""
        request = next(self._waiting, None)
        if request is not None:
            self._transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if is_complete(self._answer):
            status, self._answer = self._answer[9:12], b""
            if status.startswith(b"2"):
                self.begin()
            else:
                self._fail(f"status {status.decode()}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed")

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(UnexpectedAnswerError(why))


def is_complete(answer: bytes) -> bool:
    """Return whether head and body are there. Only bodies of a declared length are known here."""
    head, end, body = answer.partition(_END)
    if not end:
        return False
    _, named, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.partition(b"\r\n")[0]) if named else True
