"""Ask ClamAV's daemon about a file before it is given out (docs/decisions/0022).

The protocol is clamd's INSTREAM (clamd(8)): `zINSTREAM\\0`, then chunks of `<length: 4 bytes, big-endian><bytes>`, then
a chunk of length 0; the answer is one line, ended by `\\0`: `stream: OK`, `stream: NAME FOUND`, or an error.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

from guichet.errors import SettingsError, TransientError
from guichet.runtime.alarms import Alarm, clear_alarm, raise_alarm

PATIENCE: Final = timedelta(seconds=60)  # for one file, waiting for others included
AT_ONCE: Final = 4  # clamd's own MaxThreads is 10, and others may use it
CAUSE: Final = "antivirus"
_CHUNK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 1024


class UnscannedError(TransientError):
    """Nobody can say whether a file is harmless: it is not given out."""


class Antivirus(Protocol):
    """Who looks at files."""

    @property
    def is_there(self) -> bool:
        """Whether anybody does."""

    async def found_in(self, content: bytes) -> str | None:
        """Return the name of what was found, None for a file in which nothing was. Raises UnscannedError."""


class NoAntivirus:
    """A town without one: pages say that files are not scanned."""

    is_there = False

    async def found_in(self, content: bytes) -> str | None:  # noqa: ARG002  the port's
        """See Antivirus."""
        return None


@dataclass(frozen=True)
class Address:
    """Where the daemon listens: a socket file, or a host and a port."""

    path: str | None = None
    host: str = ""
    port: int = 0


class Clamd:
    """ClamAV's daemon. While it does not answer, the alarm `part-away` stands."""

    is_there = True

    def __init__(self, address: Address, patience: timedelta = PATIENCE) -> None:
        self._address = address
        self._patience_s = patience.total_seconds()
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def found_in(self, content: bytes) -> str | None:
        """See Antivirus."""
        try:
            async with asyncio.timeout(self._patience_s), self._at_once:
                answer = await self._ask(content)
            found = read_answer(answer)
        except (OSError, EOFError, asyncio.LimitOverrunError, UnscannedError) as exc:  # OSError: TimeoutError, too
            raise_alarm(Alarm.PART_AWAY, CAUSE)
            raise UnscannedError(f"clamd: {type(exc).__name__}: {exc}") from exc
        clear_alarm(Alarm.PART_AWAY, CAUSE)
        return found

    async def _ask(self, content: bytes) -> bytes:
        async with self._connection() as (reader, writer):
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                writer.write(len(chunk).to_bytes(4, "big") + chunk)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return await reader.readuntil(b"\0")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        at = self._address
        opening = (
            asyncio.open_unix_connection(at.path, limit=_LONGEST_ANSWER)
            if at.path
            else asyncio.open_connection(at.host, at.port, limit=_LONGEST_ANSWER)
        )
        reader, writer = await opening
        try:
            yield reader, writer
        finally:
            writer.close()


def read_answer(answer: bytes) -> str | None:
    """Return the name of what was found, None for `OK`. Pure. Raises UnscannedError for anything else."""
    words = answer.rstrip(b"\0\n").decode("ascii", "replace")
    if words == "stream: OK":
        return None
    if words.startswith("stream: ") and words.endswith(" FOUND"):
        return words.removeprefix("stream: ").removesuffix(" FOUND")
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
