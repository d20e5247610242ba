"""The whole main of a worker: signals in, exit status out."""

import asyncio
import os
import threading
from typing import Final, NoReturn, Protocol

import structlog

from guichet.errors import SettingsError
from guichet.runtime.garbage import settle
from guichet.runtime.service import EXIT_STOPPED_ON_PURPOSE, stop_misconfigured
from guichet.runtime.signals import told_to_stop
from guichet.runtime.stopping import WorkerStoppedError

log = structlog.get_logger()

EXIT_CRASHED: Final = 1
_CLOSING_S: Final = 20.0


class Servable(Protocol):
    """What `run` runs (guichet.kafka.consume.worker.Worker)."""

    name: str

    async def serve(self, stopping: asyncio.Event) -> BaseException | None: ...


def run(worker: Servable) -> NoReturn:
    """Run the worker until SIGTERM, a crash or a stop on purpose; end the process with the status that says which."""
    settle()
    try:
        failure = asyncio.run(_until_signalled(worker))
    except SettingsError as exc:
        stop_misconfigured(worker.name, exc)
    raise SystemExit(exit_status(worker.name, failure))


async def _until_signalled(worker: Servable) -> BaseException | None:
    failure = await worker.serve(told_to_stop())
    _end_for_certain(exit_status(worker.name, failure))
    return failure


def exit_status(service: str, failure: BaseException | None) -> int:
    """Say what ended the service, and return its exit status."""
    if failure is None:
        log.info("stopped", worker=service)
        return 0
    if isinstance(failure, WorkerStoppedError):
        log.critical("stopped on purpose", alarm=failure.alarm, cause=failure.cause, remedy=str(failure))
        return EXIT_STOPPED_ON_PURPOSE
    log.critical("crashed", worker=service, error=type(failure).__name__)
    return EXIT_CRASHED


def _end_for_certain(status: int) -> None:
    """A client that hangs while it closes must not keep a dead worker from being restarted."""
    timer = threading.Timer(_CLOSING_S, os._exit, (status,))
    timer.daemon = True
    timer.start()
