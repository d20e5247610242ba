"""A process of a benchmark: started with an environment of its own, stopped at the end, its last words told."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psutil

_PACKAGES: Final = Path(__file__).parents[2]
_LAST_WORDS: Final = 2000  # characters


class ProcessEndedError(Exception):
    """It ended by itself. Says its last words."""


@asynccontextmanager
async def running(module: str, environment: Mapping[str, str], log: Path) -> AsyncIterator[psutil.Process]:
    """Run `python -m module` during the block. Raises ProcessEndedError when it ended before the block did."""
    paths = os.pathsep.join(filter(None, (str(_PACKAGES), environment.get("PYTHONPATH"))))
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, env={**environment, "PYTHONPATH": paths}, stdout=out, stderr=out
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        if process.returncode is not None:
            raise ProcessEndedError(f"{module} ended: {_end_of(log)}")
        process.send_signal(signal.SIGTERM)
        await process.wait()


def _end_of(log: Path) -> str:
    return log.read_text()[-_LAST_WORDS:]
