"""OpenTelemetry trace context, carried from the edge to the last worker in Kafka headers (W3C Trace Context)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import context, propagate, trace
from opentelemetry.sdk.trace import TracerProvider

Headers = list[tuple[str, bytes]]


def configure_tracing() -> None:
    """Make spans real, so that ids exist; an operator adds exporters by the variables of OpenTelemetry itself."""
    trace.set_tracer_provider(TracerProvider())


def inject_headers() -> Headers:
    """Return the current trace context as Kafka headers (none when there is no span)."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return [(name, value.encode()) for name, value in carrier.items()]


@contextmanager
def span_from(headers: Sequence[tuple[str, bytes]], name: str) -> Iterator[trace.Span]:
    """Run the block in a span named `name`, continuing the trace that the record's headers carry."""
    carrier = {key: value.decode("ascii", "replace") for key, value in headers if key in ("traceparent", "tracestate")}
    token = context.attach(propagate.extract(carrier))
    try:
        # An exception's text may quote a person, and a span leaves for whatever exporter the operator set.
        with trace.get_tracer("guichet").start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span
    finally:
        context.detach(token)
