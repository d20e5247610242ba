import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from guichet.runtime.telemetry import tracing
from guichet.runtime.telemetry.tracing import (
    configure_tracing,
    current_trace,
    headers_of,
    inject_headers,
    span,
    span_from,
    spans_side_by_side,
    trace_id_of,
)

BEGUN = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = [("traceparent", f"00-{BEGUN}-00f067aa0ba902b7-01".encode()), ("guichet-other", b"\xff")]


def test_a_trace_goes_on_from_record_to_record():
    configure_tracing()
    with span("accept") as accepted:
        headers = inject_headers()
    with span_from(headers, "file") as filed:
        assert filed.get_span_context().trace_id == accepted.get_span_context().trace_id
    with span_from([], "alone") as alone:
        assert alone.get_span_context().trace_id != accepted.get_span_context().trace_id


def test_a_mangled_header_starts_a_new_trace():
    configure_tracing()
    with span_from([("traceparent", b"\xff\xfe nonsense")], "file") as begun:
        assert begun.get_span_context().is_valid


def test_a_document_keeps_a_trace_over_a_rest():
    configure_tracing()
    with span_from(HEADERS, "owe"):
        kept = current_trace()
    assert trace_id_of(kept) == BEGUN
    with span_from(headers_of(kept), "send"):
        assert trace_id_of(current_trace()) == BEGUN
    assert (current_trace(), headers_of(None), trace_id_of(None)) == (None, [], None)


def test_a_batch_is_many_traces_at_once_and_none_of_them_is_the_current_one():
    configure_tracing()
    with spans_side_by_side([("file", HEADERS), ("file", []), ("close", HEADERS)]) as (first, second, third):
        assert not trace.get_current_span().get_span_context().is_valid
    assert trace_id_of(first) == trace_id_of(third) == BEGUN
    assert first != third, "a span each"
    assert trace_id_of(second) not in (None, BEGUN)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Somebody who listens."""
    configure_tracing()
    listener = InMemorySpanExporter()
    provider = type(trace.get_tracer_provider())()
    provider.add_span_processor(SimpleSpanProcessor(listener))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(tracing, "_TRACER", provider.get_tracer("guichet"))
    return listener


def test_a_span_is_told_to_whoever_listens(heard):
    with span_from(HEADERS, "file"), span("seal"):
        kept = current_trace()
    inner, outer = heard.get_finished_spans()
    assert (inner.name, outer.name) == ("seal", "file")
    assert f"{outer.context.trace_id:032x}" == trace_id_of(kept) == BEGUN
    assert inner.parent.span_id == outer.context.span_id


def test_within_a_span_that_nobody_hears_the_trace_goes_on():
    configure_tracing()
    with span("accept") as outer, span("seal") as inner:
        outside, inside = outer.get_span_context(), inner.get_span_context()
    assert inside.trace_id == outside.trace_id
    assert inside.span_id != outside.span_id
    assert inside.trace_flags.sampled, "who listens to the next process hears of it"


def test_what_the_first_process_left_out_is_left_out_by_the_next():
    configure_tracing()
    with span_from([("traceparent", f"00-{BEGUN}-00f067aa0ba902b7-00".encode())], "file"):
        assert current_trace().endswith("-00")


def test_a_batch_s_spans_are_told_to_whoever_listens(heard):
    with spans_side_by_side([("file", HEADERS), ("close", [])]) as kept:
        pass
    told = heard.get_finished_spans()
    assert sorted(each.name for each in told) == ["close", "file"]
    assert {f"{each.context.span_id:016x}" for each in told} == {each.split("-")[2] for each in kept}


@pytest.mark.parametrize("carried", [b"\xff", b"", b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01"])
def test_a_batch_s_record_with_a_mangled_header_starts_a_new_trace(carried):
    configure_tracing()
    with spans_side_by_side([("file", [("traceparent", carried)])]) as (kept,):
        assert int(trace_id_of(kept), 16)


def test_a_batch_within_a_span_does_not_mix_with_it():
    configure_tracing()
    with span("sweep"), spans_side_by_side([("file", HEADERS)]) as (kept,):
        assert trace_id_of(kept) == BEGUN


def test_an_exception_s_words_stay_out_of_the_span(heard):
    with pytest.raises(ValueError, match="Jeanne"), span("accept"):
        raise ValueError("Jeanne Dupont, 12 rue des Tilleuls")
    (told,) = heard.get_finished_spans()
    assert "Jeanne" not in told.to_json()
