"""The alarms of what does not open: raised and logged where it is found, whatever its reader then does.

So no reader has to think of it: a page that leaves the part out, a lane that gives one letter up and a worker that puts
a record aside are heard of alike. The alarm ends when the service starts again.
"""

import structlog

from guichet.errors import KeyMissingError, TamperedError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm

log = structlog.get_logger()


def note_tampering(kind: str, what: str) -> None:
    """Raise the alarm and log. kind: of thing, the alarm's cause (`message`, `case` …); what: ids and a field."""
    raise_alarm(Alarm.TAMPERED, kind)
    log.error("tampered", kind=kind, what=what)


def tampered(kind: str, what: str) -> TamperedError:
    """Note it, and return the error for the caller to raise."""
    note_tampering(kind, what)
    return TamperedError(what)


def key_missing(kind: str, what: str) -> KeyMissingError:
    """Raise the alarm and log, and return the error for the caller to raise. See note_tampering."""
    raise_alarm(Alarm.KEY_MISSING, kind)
    log.error("a key is missing", kind=kind, what=what)
    return KeyMissingError(what)
