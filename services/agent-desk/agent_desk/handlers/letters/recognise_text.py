"""Have the first page of a letter read by Tesseract, a program of its own, where the machine has it: in French.

It gets the picture that our reader of scans made, and answers with text; what it says is a proposal to the agent.
"""

import asyncio
import os
import shutil
import sys
from collections import OrderedDict
from contextlib import suppress
from typing import Final, Protocol

import structlog

from guichet.ids import LetterId
from guichet.runtime.limited.ask_process import INHERITED

log = structlog.get_logger()

LIMITED: Final = "agent_desk.handlers.letters.recognition_process"
DEADLINE_S: Final = 25.0  # a page takes some three seconds
LONGEST: Final = 20_000  # characters
KEPT: Final = 64  # letters whose text a process remembers: those of an agent's next minutes


class RecogniseText(Protocol):
    """Reads pictures of pages."""

    async def read(self, picture: bytes) -> str:
        """Return what is written there; blank where nothing could be read, or nobody reads. picture: a JPEG."""


class NoTextRecognition(RecogniseText):
    """Nobody reads: agents type."""

    async def read(self, picture: bytes) -> str:  # noqa: ARG002  the port's
        return ""


class Tesseract(RecogniseText):
    """Runs Tesseract, one page at a time. program: its path."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._one = asyncio.Lock()

    async def read(self, picture: bytes) -> str:
        async with self._one:
            return await self._read(picture)

    async def _read(self, picture: bytes) -> str:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", LIMITED, self._program)
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        try:
            reading = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=kept
            )
        except OSError as error:
            log.warning("no text recognition", error=type(error).__name__)
            return ""
        try:
            async with asyncio.timeout(DEADLINE_S):
                said, _ = await reading.communicate(picture)
        except TimeoutError:
            log.warning("a page took too long to be read")
            return ""
        finally:
            if reading.returncode is None:
                reading.kill()
                await reading.wait()
        if reading.returncode:
            log.warning("a page was not read: is tesseract-ocr-fra installed?", status=reading.returncode)
            return ""
        return said.decode(errors="replace")[:LONGEST].strip()


def text_recognition(program: str) -> RecogniseText:
    """Return Tesseract where this machine has it there, else nobody."""
    return Tesseract(program) if shutil.which(program) else NoTextRecognition()


class ReadTexts:
    """Remembers what was read of letters, in memory alone, so that the next one is read while this one is typed."""

    def __init__(self, recognise: RecogniseText) -> None:
        self._recognise = recognise
        self._texts: OrderedDict[LetterId, asyncio.Task[str]] = OrderedDict()

    def begin(self, letter: LetterId, picture: bytes) -> asyncio.Task[str]:
        """Have a letter read, once; return whose result is its text."""
        if letter not in self._texts:
            self._texts[letter] = asyncio.create_task(self._recognise.read(picture))
            while len(self._texts) > KEPT:
                self._texts.popitem(last=False)
        return self._texts[letter]

    async def of(self, letter: LetterId, picture: bytes, patience_s: float) -> str:
        """Return a letter's text; blank where it takes longer."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self.begin(letter, picture)), patience_s)
        return ""

    def forget(self, letter: LetterId) -> None:
        """Remember a letter no more."""
        self._texts.pop(letter, None)
