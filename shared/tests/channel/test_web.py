"""What goes wrong becomes the status that makes the source do the right thing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import Request
from prometheus_client import REGISTRY, generate_latest

from guichet.channel.refusals import TooLargeError, UnverifiedSourceError
from guichet.channel.web import read_body, webhook_app
from guichet.errors import ThrottledError, TransientError
from guichet.runtime.settings import ProbingSettings
from guichet.runtime.telemetry.metrics import ALARM
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet_testing.twins.clock import Clock


async def post(error: Exception | None = None, content: bytes | AsyncIterator[bytes] = b"") -> httpx.Response:
    web = webhook_app("test")

    @web.post("/")
    async def receive(request: Request) -> int:
        if error is not None:
            raise error
        return len(await read_body(request, 10))

    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/", content=content)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnverifiedSourceError("x"), 403),
        (TooLargeError(1), 413),
        (TransientError("x"), 503),
        (ZeroDivisionError("Perrine"), 500),
    ],
)
async def test_an_error_has_its_status(error: Exception, status: int) -> None:
    answer = await post(error)
    assert answer.status_code == status
    assert "Perrine" not in answer.text


async def test_a_source_is_told_when_to_come_back() -> None:
    assert (await post(TransientError("x"))).headers["Retry-After"] == "5"
    throttled = ThrottledError("x", retry_after=timedelta(seconds=30))
    assert (await post(throttled)).headers["Retry-After"] == "30"


async def test_a_body_is_read_up_to_its_limit() -> None:
    assert (await post(content=b"x" * 10)).json() == 10
    assert (await post(content=b"x" * 11)).status_code == 413


async def test_an_endless_body_is_not_read_to_its_end() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x"
        raise AssertionError("read past the limit")

    assert (await post(content=endless())).status_code in (413, 500)


async def test_forgeries_do_not_go_unseen() -> None:
    ALARM.clear()
    clock = Clock()
    web = webhook_app("test", probing=Probing("ingest-test", ProbingSettings(probing_refusals=3), clock))

    @web.post("/")
    async def receive(_request: Request) -> None:
        raise UnverifiedSourceError("not signed")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test") as client:
        for _ in range(3):
            assert (await client.post("/")).status_code == 403
    assert 'guichet_alarm{alarm="probing",cause="ingest-test:signature"} 1.0' in generate_latest(REGISTRY).decode()
    ALARM.clear()


async def test_it_tells_nothing_of_itself() -> None:
    transport = httpx.ASGITransport(webhook_app("test"))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for path in ("/health/live", "/health/ready", "/metrics", "/docs"):
            assert (await client.get(path)).status_code == 404
