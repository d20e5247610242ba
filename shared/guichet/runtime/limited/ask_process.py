"""Have a process without a secret read what a stranger wrote: started for it, and gone after it."""

import asyncio
import os
import sys
from typing import Final

import structlog

from guichet.errors import TransientError

log = structlog.get_logger()

INHERITED: Final = ("PYTHONPATH", "LD_LIBRARY_PATH")  # what it takes to start: no variable that could be a secret
_READ_BYTES: Final = 1024 * 1024


class BrokenProcessError(Exception):
    """What was read ended the process, or took too much. was_too_much: of time, memory or words."""

    def __init__(self, *, was_too_much: bool) -> None:
        super().__init__("too much" if was_too_much else "broken")
        self.was_too_much = was_too_much


async def ask_process(module: str, asked: bytes, *, deadline_s: float, longest: int) -> bytes:
    """Return what a module says, started as a program and given these bytes. It reads all before it writes.

    longest: of what it may say, in bytes. Raises BrokenProcessError, and TransientError where none can be started.
    """
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=environment
        )
    except OSError as exc:
        raise TransientError("no process can be started that reads files") from exc
    try:
        async with asyncio.timeout(deadline_s):
            answer = await _said(process, asked, longest)
            ended = await process.wait()
    except TimeoutError as exc:
        raise BrokenProcessError(was_too_much=True) from exc
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if ended:
        log.warning("a file broke the process that read it", module=module, exit_status=ended)
        raise BrokenProcessError(was_too_much=ended < 0)
    return answer


async def _said(process: asyncio.subprocess.Process, asked: bytes, longest: int) -> bytes:
    """Return what the process says, who may die before it has read all or said anything."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(asked)
        await process.stdin.drain()
        process.stdin.close()
    except ConnectionError:
        return b""
    answer = bytearray()
    while some := await process.stdout.read(_READ_BYTES):
        answer += some
        if len(answer) > longest:
            raise BrokenProcessError(was_too_much=True)
    return bytes(answer)
