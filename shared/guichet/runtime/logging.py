"""Logs: one JSON object a line, with trace and message ids and no personal data.

The redaction filter is the belt (what looks like an address or a number is blanked); writing only ids is the rule.
"""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from opentelemetry import trace

_REDACTED = "[redacted]"
_PERSONAL = re.compile(
    r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail address
    r"|(?<![\w.:-])(?:\+|00)\d(?:[ .-]?\d){7,14}(?![\w.:-])"  # international phone
    r"|(?<![\w.:-])0[1-9](?:[ .-]?\d{2}){4}(?![\w.:-])"  # French phone
    r"|(?<=/suivi/)[\w-]+"  # follow token
    r"|(?<=/bot)\d+:[\w-]+"  # Telegram's token stands in its URLs
)


def redact(text: str) -> str:
    """Blank what looks like an e-mail address, a phone number or a token in `text`."""
    return _PERSONAL.sub(_REDACTED, text)


def _redact_all(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: _redact_value(value) for name, value in event.items()}


def _redact_value(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _redact_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redact_value(inner) for inner in value]
    return value


def _add_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


class RateLimit(logging.Filter):
    """Let a message template through once per `period_s`: aiokafka repeats 20–30 a second during an outage."""

    def __init__(self, period_s: float = 10.0) -> None:
        super().__init__()
        self._period_s = period_s
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether this record is the first of its template in the period."""
        now = time.monotonic()
        if now - self._last.get(str(record.msg), -self._period_s) < self._period_s:
            return False
        self._last[str(record.msg)] = now
        return True


def configure_logging(service: str, level: str = "info") -> None:
    """Send every log line of the process, ours and the libraries', to stderr as redacted JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact_all,
                _named(service),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    _quieten_libraries()


def _named(service: str) -> structlog.typing.Processor:
    def add_service(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"service": service, **event}

    return add_service


def _quieten_libraries() -> None:
    """Keep libraries from logging requests (their URLs carry tokens) and from flooding during outages."""
    for name in ("httpx", "httpcore", "twilio", "telegram", "faust", "mode", "mail.log", "pymongo"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in (
        "aiokafka",
        "aiokafka.client",
        "aiokafka.conn",
        "aiokafka.producer.sender",
        "aiokafka.consumer.fetcher",
        "aiokafka.consumer.group_coordinator",
        "aiokafka.cluster",
    ):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.filters = [RateLimit()]
