import gzip
from collections.abc import AsyncIterator, Iterable

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from guichet.errors import TransientError
from guichet.runtime.health import Health, probe_routes
from ops_console.domain.watch import scrape as scrape_file
from ops_console.domain.watch.scrape import read_metrics, read_missing
from ops_console.handlers.scrape_services import scrape_all


def test_only_alarms_that_hold_are_read() -> None:
    registry = CollectorRegistry()
    alarm = Gauge("guichet_alarm", "x", ["alarm", "cause"], registry=registry)
    alarm.labels("lag", 'a:"odd\\cause').set(1)
    alarm.labels("bug", "over").set(0)
    Gauge("guichet_service", "x", ["service", "version"], registry=registry).labels("notifier", "1.2.3").set(1)
    scrape = read_metrics(generate_latest(registry).decode())
    assert scrape.alarms == {("lag", 'a:"odd\\cause')}
    assert scrape.version == "1.2.3"


def test_what_went_because_its_time_was_over_is_added_up_by_place() -> None:
    registry = CollectorRegistry()
    removed = Counter("guichet_retention_removed_total", "x", ["executor", "place"], registry=registry)
    removed.labels("ROUND", "messages").inc(2)
    removed.labels("CASE_DESTROYED", "messages").inc(3)
    Counter("guichet_records_trimmed_total", "x", ["topic"], registry=registry).labels("inbound-sms").inc(7)
    assert read_metrics(generate_latest(registry).decode()).removed == {"messages": 5, "inbound-sms": 7}


def test_what_letters_cost_is_read_account_by_account() -> None:
    registry = CollectorRegistry()
    spent = Gauge("guichet_spent", "x", ["account", "currency", "period"], registry=registry)
    units = Gauge("guichet_spent_units", "x", ["account", "period"], registry=registry)
    Gauge("guichet_spending_cap", "x", ["account", "period"], registry=registry).labels("loft", "month").set(400)
    for period, amount in (("day", 1.5), ("month", 30.25)):
        spent.labels("loft", "EUR", period).set(amount)
        units.labels("loft", period).set(amount * 10)
    day, month = read_metrics(generate_latest(registry).decode()).spending
    assert (day.account, day.period, day.amount, day.units, day.cap) == ("loft", "day", 1.5, 15, None)
    assert (month.amount, month.cap, month.currency) == (30.25, 400, "EUR")


def test_readers_of_kafka_are_one_part() -> None:
    body = '{"status": "not ready", "missing": ["kafka-case-router-0", "kafka-case-router-1", "mongodb"]}'
    assert read_missing(body) == ("kafka", "mongodb")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"missing": "mongodb"}'])
def test_another_body_is_no_answer(body: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_missing(body)


async def test_a_real_service_is_read_and_a_dead_or_foreign_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a registry of its own: that of this process holds what every test before raised, and may be no page to read."""
    of_its_own = CollectorRegistry()
    Gauge("guichet_service", "Its version.", ["version"], registry=of_its_own).labels("1.2").set(1)
    monkeypatch.setattr("guichet.runtime.health.registry", lambda: of_its_own)

    async def away() -> None:
        raise TransientError("away")

    health = Health()
    health.add("mongodb", away)
    service, foreign = FastAPI(), FastAPI()
    service.routes.extend(probe_routes(health))
    mounts = {
        "http://service": httpx.ASGITransport(service),
        "http://foreign": httpx.ASGITransport(foreign),
    }
    async with httpx.AsyncClient(mounts=mounts, transport=httpx.MockTransport(refuse)) as http:
        targets = {"service": "http://service", "foreign": "http://foreign", "dead": "http://dead"}
        found = await scrape_all(targets, http)
    assert found["service"] is not None
    assert found["service"].missing == ("mongodb",)
    assert found["service"].version == "1.2"
    assert found["foreign"] is None
    assert found["dead"] is None


BAD = "http://bad/metrics"
HELD = b'guichet_alarm{alarm="bug",cause="over"} 1\n'

HOSTILE = {
    "endless": HELD + b"# all of it could be read\n" * 90_000,
    "a line that takes minutes": b'guichet_alarm{alarm="bug",cause="%s"} 1\n' % (b'\\"' * 1_100),
    "a line of labels without end": b'guichet_alarm{alarm="bug",cause="over",%s} 1\n'
    % b",".join(b'l%d=""' % n for n in range(400)),
    "more than any service says": b'guichet_records_trimmed_total{topic="inbound-sms"} 1\n' * 1_500,
    "a page for people": b"<!doctype html>\n<title>It works!</title>\n",
    "an alarm of nobody": b"guichet_alarm 1\n",
    "a start at no time": b"process_start_time_seconds 1e300\n",
    "a count of no number": b'guichet_records_trimmed_total{topic="x"} +Inf\n',
    "a thousand alarms": b"".join(b'guichet_alarm{alarm="bug",cause="%d"} 1\n' % n for n in range(1000)),
    "packed": gzip.compress(HELD),
}


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
async def test_what_a_third_party_s_process_says_of_itself_keeps_nobody_from_the_others(page: bytes) -> None:
    """Its host serves the page itself: the console reads so much of it, and believes what can be true."""

    def say(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Encoding": "gzip"} if page[:2] == b"\x1f\x8b" else {}
        return httpx.Response(200, content=whole(page if str(request.url) == BAD else b""), headers=headers)

    async with httpx.AsyncClient(transport=httpx.MockTransport(say)) as http:
        found = await scrape_all({"bad": "http://bad", "good": "http://good"}, http)
    assert found["bad"] is None
    assert found["good"] is not None


WHY = {
    "endless": "longer than 1048576 bytes",
    "a line that takes minutes": "a line of more than 2048 characters",
    "a line of labels without end": "a line of more than 2048 characters",
    "more than any service says": "more than 65536 characters to read",
    "a page for people": "no page of metrics",
    "a thousand alarms": "1000 alarms",
}


@pytest.mark.parametrize("case", WHY)
async def test_a_page_that_is_refused_never_reaches_the_parser_and_the_log_says_why(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = parser_that_remembers(monkeypatch)

    def say(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=whole(HOSTILE[case] if str(request.url) == BAD else b""))

    with capture_logs() as said:
        async with httpx.AsyncClient(transport=httpx.MockTransport(say)) as http:
            await scrape_all({"bad": "http://bad"}, http)
    assert [entry["why"] for entry in said] == [WHY[case]]
    assert len(parsed) == (case == "a thousand alarms")  # these can be counted only once they are read


async def test_what_a_process_says_that_it_waits_for_is_bounded_too() -> None:
    body = b'{"missing": ["mongodb"], "more": "%s"}' % (b"x" * 20_000)

    def say(request: httpx.Request) -> httpx.Response:
        is_page = str(request.url) == BAD
        return httpx.Response(200 if is_page else 503, content=whole(b"" if is_page else body))

    with capture_logs() as said:
        async with httpx.AsyncClient(transport=httpx.MockTransport(say)) as http:
            assert await scrape_all({"bad": "http://bad"}, http) == {"bad": None}
    assert [entry["why"] for entry in said] == ["longer than 16384 bytes"]


def test_only_what_the_console_reads_reaches_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time grows with the square of a line's length: another's metric costs nothing, however long its line is."""
    parsed = parser_that_remembers(monkeypatch)
    others = (
        "# HELP guichet_alarm x",
        "# TYPE guichet_alarm gauge",
        'a{b="' + r"\"" * 100_000 + '"} 1',
        'guichet_alarms{alarm="bug",cause="of another name"} 1',
        'x_guichet_alarm{alarm="bug",cause="of another name"} 1',
        "",
    )
    read = (
        'guichet_alarm{alarm="bug",cause="over"} 1',
        'guichet_service{service="notifier",version="1.2.3"} 1',
        "process_start_time_seconds 1.7e9",
    )
    scrape = read_metrics("\n".join((*others, *read, *others)))
    assert parsed == ["\n".join(read)]
    assert (scrape.alarms, scrape.version) == ({("bug", "over")}, "1.2.3")
    assert scrape.started_at is not None


def parser_that_remembers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that the parser is given from now on."""
    parsed: list[str] = []

    def parse(text: str) -> Iterable[Metric]:
        parsed.append(text)
        return text_string_to_metric_families(text)

    monkeypatch.setattr(scrape_file, "text_string_to_metric_families", parse)
    return parsed


async def whole(page: bytes) -> AsyncIterator[bytes]:
    yield page


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)
