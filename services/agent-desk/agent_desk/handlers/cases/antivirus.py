"""Ask ClamAV's daemon about a file before it is given out (docs/decisions/0022).

The protocol is clamd's INSTREAM (clamd(8)): `zINSTREAM\\0`, then chunks of `<length: 4 bytes, big-endian><bytes>`, then
a chunk of length 0; the answer is one line, ended by `\\0`: `stream: OK`, `stream: NAME FOUND`, or an error.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from guichet.errors import PermanentError, SettingsError, TransientError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm

PATIENCE: Final = timedelta(seconds=60)  # for one file, waiting for others included
AT_ONCE: Final = 4  # clamd's own MaxThreads is 10, and others may use it
CAUSE: Final = "antivirus"
_CHUNK: Final = 64 * 1024
_LONGEST_VERDICT: Final = 1024
_TOO_LARGE: Final = "INSTREAM size limit exceeded. ERROR"


class UnscannedError(TransientError):
    """Nobody can say whether a file is harmless: it is not given out."""


class TooLargeToScanError(PermanentError):
    """The daemon takes no file as large as this one, now or later (its StreamMaxLength): it is not given out."""


class Antivirus(Protocol):
    """Who looks at files."""

    @property
    def is_there(self) -> bool:
        """Whether anybody does."""

    async def found_in(self, content: bytes) -> str | None:
        """Return the name of what was found, None for a file in which nothing was.

        Raises UnscannedError, and TooLargeToScanError.
        """


class NoAntivirus(Antivirus):
    """A town without one: pages say that files are not scanned."""

    is_there = False

    async def found_in(self, content: bytes) -> str | None:  # noqa: ARG002  the port's
        return None


@dataclass(frozen=True)
class Address:
    """Where the daemon listens: a socket file, or a host and a port."""

    path: str | None = None
    host: str = ""
    port: int = 0


class Clamd(Antivirus):
    """ClamAV's daemon. While it does not answer, the alarm `part-away` stands."""

    is_there = True

    def __init__(self, address: Address, patience: timedelta = PATIENCE) -> None:
        self._address = address
        self._patience_s = patience.total_seconds()
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def found_in(self, content: bytes) -> str | None:
        try:
            async with asyncio.timeout(self._patience_s), self._at_once:
                answer = await self._ask(content)
            found = read_answer(answer)
        except TooLargeToScanError:
            clear_alarm(Alarm.PART_AWAY, CAUSE)  # the daemon is there
            raise
        except (OSError, EOFError, UnscannedError) as exc:  # OSError: TimeoutError, too
            raise_alarm(Alarm.PART_AWAY, CAUSE)
            raise UnscannedError(f"clamd: {type(exc).__name__}: {exc}") from exc
        clear_alarm(Alarm.PART_AWAY, CAUSE)
        return found

    async def _ask(self, content: bytes) -> bytes:
        """Return the daemon's answer. It hangs up in the middle of what is too large, having said so: that is heard."""
        loop = asyncio.get_running_loop()
        with await self._connected() as daemon:
            with suppress(ConnectionError):
                await loop.sock_sendall(daemon, b"zINSTREAM\0")
                for start in range(0, len(content), _CHUNK):
                    chunk = content[start : start + _CHUNK]
                    await loop.sock_sendall(daemon, len(chunk).to_bytes(4, "big") + chunk)
                await loop.sock_sendall(daemon, bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _LONGEST_VERDICT:
                answer += (piece := await loop.sock_recv(daemon, _LONGEST_VERDICT))
                if not piece:
                    raise EOFError("no whole answer")
            return answer

    async def _connected(self) -> socket.socket:
        """Return a connection to the first address that takes one. Raises OSError where none does."""
        refused = OSError("no address")
        for family, address in await self._addresses():
            try:
                return await _connect(family, address)
            except OSError as exc:
                refused = exc
        raise refused

    async def _addresses(self) -> Sequence[tuple[int, Any]]:
        """Return each address with its family: a name such as localhost may have several."""
        at, loop = self._address, asyncio.get_running_loop()
        if at.path:
            return [(socket.AF_UNIX, at.path)]
        found = await loop.getaddrinfo(at.host, at.port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]


async def _connect(family: int, address: Any) -> socket.socket:
    """Return a connection. A bare socket: asyncio's streams drop what came before they could not send."""
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


def read_answer(answer: bytes) -> str | None:
    """Return the name of what was found, None for `OK`. Pure.

    Raises TooLargeToScanError, and UnscannedError for anything else.
    """
    words = answer.rstrip(b"\0\n").decode("ascii", "replace")
    if words == "stream: OK":
        return None
    if words.startswith("stream: ") and words.endswith(" FOUND"):
        return words.removeprefix("stream: ").removesuffix(" FOUND")
    if words == _TOO_LARGE:
        raise TooLargeToScanError("larger than clamd's StreamMaxLength")
    raise UnscannedError(words[:200])


def antivirus_at(url: str | None) -> Antivirus:
    """Return who is asked: `unix:///run/clamav/clamd.ctl`, `tcp://127.0.0.1:3310`, or nobody. Raises SettingsError."""
    if url is None:
        return NoAntivirus()
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return Clamd(Address(path=parts.path))
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return Clamd(Address(host=parts.hostname, port=parts.port))
    raise SettingsError(f"GUICHET_CLAMAV_URL is {url!r}: write unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310.")
