"""Have an upload read by a process of its own: what strangers wrote is opened in no process that knows a secret."""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from agent_desk.domain.letters.scanned import ScannedLetter, UnreadableScanError
from agent_desk.handlers.letters.scan_wire import LONGEST_ANSWER, asking, from_bytes
from guichet.errors import TransientError

log = structlog.get_logger()

PROGRAM: Final = ("-m", "agent_desk.handlers.letters.scan_process")
DEADLINE_S: Final = 180.0
INHERITED: Final = ("PYTHONPATH", "LD_LIBRARY_PATH")  # what it takes to start: no variable that could be a secret
_READ_BYTES: Final = 1024 * 1024


class ReadScans(Protocol):
    """Reads uploads."""

    async def read(self, files: Sequence[bytes], mark: str) -> Sequence[ScannedLetter]:
        """Return the letters. mark: of the separator sheets. Raises UnreadableScanError, TransientError."""


class ScanProcesses(ReadScans):
    """Starts a process for each upload, one at a time: it holds a stack of paper in memory."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def read(self, files: Sequence[bytes], mark: str) -> Sequence[ScannedLetter]:
        async with self._one:
            return from_bytes(await self._answer(asking(files, mark)))

    async def _answer(self, asked: bytes) -> bytes:
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        pipe = asyncio.subprocess.PIPE
        try:
            reader = await asyncio.create_subprocess_exec(
                sys.executable, *PROGRAM, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=environment
            )
        except OSError as exc:
            raise TransientError("no process can be started that reads scans") from exc
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await _said(reader, asked)
                ended = await reader.wait()
        except TimeoutError as exc:
            raise UnreadableScanError("too-much") from exc
        finally:
            if reader.returncode is None:
                reader.kill()
                await reader.wait()
        if ended:
            log.warning("an upload broke the process that read it", exit_status=ended)
            raise UnreadableScanError("too-much" if ended < 0 else "unreadable")
        return answer


async def _said(reader: asyncio.subprocess.Process, asked: bytes) -> bytes:
    """Return what the process says. It reads all before it writes, and may die before either."""
    assert reader.stdin is not None
    assert reader.stdout is not None
    try:
        reader.stdin.write(asked)
        await reader.stdin.drain()
        reader.stdin.close()
    except ConnectionError:
        return b""
    answer = bytearray()
    while some := await reader.stdout.read(_READ_BYTES):
        answer += some
        if len(answer) > LONGEST_ANSWER:
            raise UnreadableScanError("too-much")
    return bytes(answer)
