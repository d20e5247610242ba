"""OpenTelemetry trace context, carried from the edge to the last worker in Kafka headers (W3C Trace Context).

Where work rests between two processes, in an outbox or as an intent to send, its document keeps the context as text: a
`traceparent` such as "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". It names nobody.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from opentelemetry import context, trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Headers = list[tuple[str, bytes]]

_TRACEPARENT: Final = "traceparent"
_CARRIED: Final = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")
_CONTEXT: Final = (_TRACEPARENT, "tracestate")
_SAMPLED: Final = trace.TraceFlags(trace.TraceFlags.SAMPLED)
_W3C: Final = TraceContextTextMapPropagator()
_TRACER: Final = trace.get_tracer("guichet")  # stands for the provider's, from when `configure_tracing` sets one


class _Provider(TracerProvider):
    """Knows whether anybody listens."""

    is_heard = False

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        self.is_heard = True
        super().add_span_processor(span_processor)


def configure_tracing() -> None:
    """Make spans real, so that ids exist. Nothing exports them: logs and documents carry their trace's id."""
    trace.set_tracer_provider(_Provider())


def inject_headers() -> Headers:
    """Return the current trace context as Kafka headers (none when there is no span)."""
    return [(name, value.encode()) for name, value in _carrier().items()]


def current_trace() -> str | None:
    """Return the current trace context as text, for a document to keep; None when there is no span."""
    return _carrier().get(_TRACEPARENT)


def headers_of(kept: str | None) -> Headers:
    """Return the Kafka headers of a context that a document kept."""
    return [] if kept is None else [(_TRACEPARENT, kept.encode())]


def trace_id_of(kept: str | None) -> str | None:
    """Return the trace's id, as logs name it, of a context that a document kept."""
    return None if kept is None else kept.split("-")[1]


@contextmanager
def span(name: str) -> Iterator[trace.Span]:
    """Run the block in a span named `name`: a part of the current trace, or the beginning of one."""
    if _is_unheard():
        begun = _next_unheard()
        token = context.attach(trace.set_span_in_context(begun))
        try:
            yield begun
        finally:
            context.detach(token)
        return
    # An exception's text may quote a person, and a span leaves with whatever listens.
    with _TRACER.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as begun:
        yield begun


@contextmanager
def span_from(headers: Sequence[tuple[str, bytes]], name: str) -> Iterator[trace.Span]:
    """Run the block in a span named `name`, continuing the trace that the record's headers carry."""
    token = context.attach(_context_in(headers))
    try:
        with span(name) as begun:
            yield begun
    finally:
        context.detach(token)


@contextmanager
def spans_side_by_side(records: Sequence[tuple[str, Sequence[tuple[str, bytes]]]]) -> Iterator[list[str | None]]:
    """Handle a whole batch in a span of each record's own trace. None of them is the current one.

    records: the span's name and the record's headers. Yields the context of each span, in order, for documents to keep.
    """
    if _is_unheard():
        yield [_next_of(headers) for _, headers in records]
        return
    with ExitStack() as ends:
        begun = [_TRACER.start_span(name, _context_in(headers)) for name, headers in records]
        for each in begun:
            ends.callback(each.end)
        yield [_carrier(trace.set_span_in_context(each, context.Context())).get(_TRACEPARENT) for each in begun]


def _is_unheard() -> bool:
    provider = trace.get_tracer_provider()
    return isinstance(provider, _Provider) and not provider.is_heard


def _next_unheard() -> trace.Span:
    """Return a span that nobody would hear of: 7 µs instead of 16, and the trace goes on."""
    parent = trace.get_current_span().get_span_context()
    trace_id, flags = (parent.trace_id, parent.trace_flags) if parent.is_valid else (secrets.randbits(128), _SAMPLED)
    return trace.NonRecordingSpan(
        trace.SpanContext(
            trace_id, secrets.randbits(64), is_remote=False, trace_flags=flags, trace_state=parent.trace_state
        )
    )


def _carrier(of: context.Context | None = None) -> dict[str, str]:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, of)
    return carrier


def _next_of(headers: Sequence[tuple[str, bytes]]) -> str:
    """Return the context of a span that nobody would hear of: 2 µs instead of 25, and the trace goes on."""
    carried = next((value for name, value in headers if name == _TRACEPARENT), b"")
    found = _CARRIED.fullmatch(carried)
    trace_id, flags = found.group(1, 2) if found else (secrets.token_hex(16).encode(), b"01")
    return f"00-{trace_id.decode()}-{secrets.token_hex(8)}-{flags.decode()}"


def _context_in(headers: Sequence[tuple[str, bytes]]) -> context.Context:
    return _W3C.extract({key: value.decode("ascii", "replace") for key, value in headers if key in _CONTEXT})
