from opentelemetry import trace

from guichet.runtime.tracing import configure_tracing, inject_headers, span_from


def test_a_trace_goes_on_from_record_to_record():
    configure_tracing()
    with trace.get_tracer("test").start_as_current_span("accept") as accepted:
        headers = inject_headers()
    with span_from(headers, "file") as filed:
        assert filed.get_span_context().trace_id == accepted.get_span_context().trace_id
    with span_from([], "alone") as alone:
        assert alone.get_span_context().trace_id != accepted.get_span_context().trace_id


def test_a_mangled_header_starts_a_new_trace():
    with span_from([("traceparent", b"\xff\xfe nonsense")], "file") as span:
        assert span.get_span_context().is_valid
