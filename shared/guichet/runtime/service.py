"""The whole main of a service: logs, traces and settings first, then signals in and an exit status out."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Protocol, TypeVar

import structlog
from pydantic_settings import BaseSettings

from guichet.errors import SettingsError
from guichet.runtime.garbage import tune_collector
from guichet.runtime.settings import read_settings
from guichet.runtime.signals import told_to_stop
from guichet.runtime.telemetry.logging import configure_logging
from guichet.runtime.telemetry.metrics import SERVICE
from guichet.runtime.telemetry.tracing import configure_tracing
from guichet.runtime.worker_stopped import WorkerStoppedError

EXIT_CRASHED: Final = 1
EXIT_CONFIGURATION: Final = 78  # EX_CONFIG of sysexits.h
EXIT_STOPPED_ON_PURPOSE: Final = 75  # a person must act first: the supervisor does not restart it
_CLOSING_S: Final = 20.0

S = TypeVar("S", bound=BaseSettings)

log = structlog.get_logger()

GIVES_WAY: Final = 5  # of 19: where a worker and a door want the same core, somebody waits for the door
AUTOGROUP: Final = Path("/proc/self/autogroup")


class Servable(Protocol):
    """What `run_service` runs (guichet.kafka.consume.worker.Worker)."""

    name: str

    async def serve(self, stopping: asyncio.Event) -> BaseException | None:
        """Run until told to stop; return what failed."""


def run_service(
    name: str,
    settings: type[S],
    start: Callable[[S], Servable | Coroutine[Any, Any, None]],
    *,
    distribution: str | None = None,
) -> None:
    """Run a service until SIGTERM or SIGINT; end with status 78 and a plain explanation where it is misconfigured.

    start: the composition root. It returns a worker, or the coroutine that serves a door until it is told to stop.
    distribution: what it was installed as, where that is not its name.
    """
    read = begin(name, settings, distribution)
    try:
        started = start(read)
        if isinstance(started, Coroutine):
            asyncio.run(started)
        else:
            _run_worker(started)
    except SettingsError as exc:
        _stop_misconfigured(name, exc)


def begin(service: str, settings: type[S], distribution: str | None = None) -> S:
    """Set up logs and traces and return the settings; exit 78 with a plain explanation when one is wrong."""
    configure_logging(service, os.environ.get("GUICHET_LOG_LEVEL", "info"))
    sys.excepthook = _log_crash
    configure_tracing()
    SERVICE.labels(service, _version_of(distribution or service)).set(1)
    try:
        return read_settings(settings)
    except SettingsError as exc:
        _stop_misconfigured(service, exc)


def _run_worker(worker: Servable) -> NoReturn:
    """Run it until SIGTERM, a crash or a stop on purpose; end the process with the status that says which.

    It gives way to who answers people: a message may wait for some milliseconds, a click may not.

    Raises SettingsError when what it finds at its start is set up wrongly.
    """
    tune_collector()
    _give_way()
    raise SystemExit(_exit_status(worker.name, asyncio.run(_until_signalled(worker))))


def _give_way() -> None:
    """Be nicer, and have one's session be so: where Linux shares between sessions, nothing else counts (sched(7))."""
    os.nice(GIVES_WAY)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # of a kernel that groups by nothing
            AUTOGROUP.write_text(str(GIVES_WAY))


async def _until_signalled(worker: Servable) -> BaseException | None:
    failure = await worker.serve(told_to_stop())
    _end_for_certain(_exit_status(worker.name, failure))
    return failure


def _exit_status(service: str, failure: BaseException | None) -> int:
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


def _log_crash(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Log what ends the process like any other error: Python's own traceback would quote its words."""
    structlog.get_logger().critical("crashed", exc_info=error)


def _version_of(service: str) -> str:
    try:
        return version(service)
    except PackageNotFoundError:
        return "unknown"


def _stop_misconfigured(service: str, error: SettingsError) -> NoReturn:
    """Say on stderr what is wrong with the configuration and exit 78."""
    sys.stderr.write(f"{service} cannot start:\n{error}\n")
    raise SystemExit(EXIT_CONFIGURATION)
