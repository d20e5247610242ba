"""Logs: one JSON object a line, with trace and message ids and no personal data.

Writing only ids is the rule. An error is logged by its class and place, never by its words. The redaction filter is the
belt: what looks like an address or a number is blanked.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from opentelemetry import trace

from guichet.runtime.telemetry.error_locations import error_locations, without_traceback

_JSON = json.JSONEncoder(default=repr)
_REDACTED = "[redacted]"
_SUSPECT = re.compile(r"[\d@/]")  # each of the patterns below has one of them in it
_PERSONAL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail address, tried once a word: linear time
    r"|(?<![\w.:-])(?:\+|00)\d(?:[ .-]?\d){7,14}(?![\w.:-])"  # international phone
    r"|(?<![\w.:-])0[1-9](?:[ .-]?\d{2}){4}(?![\w.:-])"  # French phone
    r"|(?<=/suivi/)[\w-]+|(?<=/question/)[\w-]+"  # the token of a link
    r"|(?<=/bot)\d+:[\w-]+"  # Telegram's token stands in its URLs
)


def redact(text: str) -> str:
    """Blank what looks like an e-mail address, a phone number or a token in `text`."""
    if text.isalnum() and not text.isdigit():
        return text  # an id or one word: every pattern has another character in it, or digits alone
    return _PERSONAL.sub(_REDACTED, text) if _SUSPECT.search(text) else text


def _redact_all(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: _redact_value(value) for name, value in event.items()}


def _redact_value(value: object) -> object:
    if isinstance(value, str):
        return redact(without_traceback(value))
    if isinstance(value, dict):
        return {name: _redact_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redact_value(inner) for inner in value]
    return _named_if_error(value)


def _add_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


def _replace_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and place. A stack that was asked for shows source lines: left out."""
    event.pop("stack_info", None)
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = error_locations(error)
    return event


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """For the libraries' lines. Works on a copy of each record: whoever else listens hears what was said."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_without_words(record))


def _without_words(record: logging.LogRecord) -> logging.LogRecord:
    """Return a library's record without the words of an exception among its arguments.

    One that carries an exception keeps its first line only: asyncio adds the task with what it raised.
    """
    told = logging.makeLogRecord(record.__dict__)
    told.msg, told.args = _named_if_error(record.msg), _with_named_errors(record.args)
    if record.exc_info:
        told.msg, told.args = told.getMessage().partition("\n")[0], None
    return told


def _with_named_errors(args: Any) -> Any:
    if isinstance(args, Mapping):
        return {name: _named_if_error(value) for name, value in args.items()}
    return tuple(map(_named_if_error, args)) if isinstance(args, tuple) else args


def _named_if_error(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value


class RateLimit(logging.Filter):
    """Let a line of aiokafka's code speak once per `period_s`: during an outage it repeats 20 to 30 times a second.

    On the handler, because a logger's filter does not hold for its children.
    """

    def __init__(self, period_s: float = 10.0) -> None:
        super().__init__("aiokafka")
        self._period_s = period_s
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether this record is another library's, or the first of its place in the period."""
        if not super().filter(record):
            return True
        now, place = time.monotonic(), (record.name, record.lineno)
        if now - self._last.get(place, -self._period_s) < self._period_s:
            return False
        self._last[place] = now
        return True


def configure_logging(service: str, level: str = "info") -> None:
    """Send every log line of the process, ours and the libraries', to stderr as redacted JSON.

    Ours do not pass through the standard library's logging: 20 µs a line instead of 70, and the router writes one a
    message.
    """
    gathering: list[structlog.typing.Processor] = [structlog.contextvars.merge_contextvars, _add_trace]
    rendering: list[structlog.typing.Processor] = [
        _replace_error,
        _redact_all,
        structlog.stdlib.add_log_level,  # from here on nothing that others wrote
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        _as_json,
    ]
    writer = structlog.WriteLogger(sys.stderr)
    structlog.configure(
        processors=[*gathering, *rendering],
        logger_factory=lambda *_: writer,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RateLimit())
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=gathering,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    _quieten_libraries()


def _as_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    return _JSON.encode(event)


def _named(service: str) -> structlog.typing.Processor:
    def add_service(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"service": service, **event}

    return add_service


def _quieten_libraries() -> None:
    """Keep libraries from logging requests (their URLs carry tokens) and from flooding during outages."""
    for name in ("httpx", "httpcore", "twilio", "telegram", "faust", "mode", "mail.log", "pymongo", "aiokafka"):
        logging.getLogger(name).setLevel(logging.WARNING)
