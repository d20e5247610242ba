import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from guichet.errors import TransientError
from guichet.runtime.health import Health, probe_routes
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


def test_readers_of_kafka_are_one_part() -> None:
    body = '{"status": "not ready", "missing": ["kafka-case-router-0", "kafka-case-router-1", "mongodb"]}'
    assert read_missing(body) == ("kafka", "mongodb")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"missing": "mongodb"}'])
def test_another_body_is_no_answer(body: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_missing(body)


async def test_a_real_service_is_read_and_a_dead_or_foreign_one_is_not() -> None:
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
    assert found["foreign"] is None
    assert found["dead"] is None


HELD = b'guichet_alarm{alarm="bug",cause="over"} 1\n'

HOSTILE = {
    "endless": HELD + b"# all of it could be read\n" * 90_000,
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
        return httpx.Response(200, content=whole(page if request.url.host == "bad" else b""), headers=headers)

    async with httpx.AsyncClient(transport=httpx.MockTransport(say)) as http:
        found = await scrape_all({"bad": "http://bad", "good": "http://good"}, http)
    assert found["bad"] is None
    assert found["good"] is not None


async def whole(page: bytes) -> AsyncIterator[bytes]:
    yield page


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)
