"""Why a worker stops on purpose and stays stopped until a person has acted (exit status 75)."""

from guichet.errors import GuichetError
from guichet.runtime.telemetry.alarms import Alarm


class WorkerStoppedError(GuichetError):
    """Going on would do harm. The text says what happened and how to resume."""

    def __init__(self, message: str, *, alarm: Alarm, cause: str) -> None:
        super().__init__(message)
        self.alarm = alarm
        self.cause = cause
