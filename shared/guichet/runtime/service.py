"""The first lines of every service's `__main__`: logs, traces, settings."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import NoReturn, TypeVar

import structlog
from pydantic_settings import BaseSettings

from guichet.errors import SettingsError
from guichet.runtime.logging import configure_logging
from guichet.runtime.metrics import SERVICE
from guichet.runtime.settings import read_settings
from guichet.runtime.tracing import configure_tracing

EXIT_CONFIGURATION = 78  # EX_CONFIG of sysexits.h
EXIT_STOPPED_ON_PURPOSE = 75  # a person must act first: the supervisor does not restart it

S = TypeVar("S", bound=BaseSettings)


def begin(service: str, settings: type[S]) -> S:
    """Set up logs and traces and return the settings; exit 78 with a plain explanation when one is wrong."""
    configure_logging(service, os.environ.get("GUICHET_LOG_LEVEL", "info"))
    sys.excepthook = _log_crash
    configure_tracing()
    SERVICE.labels(service, _version_of(service)).set(1)
    try:
        return read_settings(settings)
    except SettingsError as exc:
        stop_misconfigured(service, exc)


def _log_crash(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Log what ends the process like any other error: Python's own traceback would quote its words."""
    structlog.get_logger().critical("crashed", exc_info=error)


def _version_of(service: str) -> str:
    try:
        return version(service)
    except PackageNotFoundError:
        return "unknown"


def stop_misconfigured(service: str, error: SettingsError) -> NoReturn:
    """Say on stderr what is wrong with the configuration and exit 78."""
    sys.stderr.write(f"{service} cannot start:\n{error}\n")
    raise SystemExit(EXIT_CONFIGURATION)
