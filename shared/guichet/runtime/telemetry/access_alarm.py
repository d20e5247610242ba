"""The alarm of a server that refuses us: raised and logged at once, over when nothing was refused for a while."""

import asyncio
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from guichet.errors import NotAllowedError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm

CALM_AFTER: Final = timedelta(minutes=3)  # trimming, the slowest to try again, does so every minute

log = structlog.get_logger()
_calm: dict[str, asyncio.TimerHandle] = {}

E = TypeVar("E", bound=NotAllowedError)


def alarmed(error: E) -> E:
    """Raise the alarm of this refusal and return it. No success need be looked for: its silence ends the alarm."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # a command that tells its operator, and ends
        return error
    timer = _calm.pop(error.cause, None)
    if timer is None:
        log.error("not allowed", cause=error.cause, remedy=str(error))
    else:
        timer.cancel()
    raise_alarm(Alarm.NOT_ALLOWED, error.cause)
    _calm[error.cause] = loop.call_later(CALM_AFTER.total_seconds(), _over, error.cause)
    return error


def _over(cause: str) -> None:
    del _calm[cause]
    clear_alarm(Alarm.NOT_ALLOWED, cause)
