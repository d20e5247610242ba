"""What comes (again) about somebody who was erased: it is left out, counted and told of by its ids."""

import structlog

from guichet.contracts.base import Event
from guichet.runtime.telemetry.metrics import LEFT_OUT_AS_ERASED

log = structlog.get_logger()


def note_erased(event: Event, **about: str) -> None:
    """Count an event that changes nothing because its message or case is erased. about: further ids for the log."""
    name = type(event).__name__
    LEFT_OUT_AS_ERASED.labels(name).inc()
    log.info("left out as erased", kind=name, event_id=event.event_id, **about)
