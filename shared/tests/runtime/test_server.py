"""What is for operators is told on the health address, and nowhere else."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from guichet.errors import SettingsError
from guichet.runtime.health import Health
from guichet.runtime.server import serve, serving_health
from guichet.runtime.settings import HealthSettings, HttpSettings, read_settings
from guichet_local.machine.ports import free_ports
from guichet_testing.until import PATIENCE_S

PATHS = ("/health/live", "/health/ready", "/metrics")


@pytest.fixture(autouse=True)
def _others_serve_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is told to stop ends every stream of events of its process, later ones too: other tests' as well."""
    monkeypatch.setattr(AppStatus, "should_exit", False)


async def page(_request: object) -> PlainTextResponse:
    return PlainTextResponse("bonjour")


@asynccontextmanager
async def a_door(settings: HttpSettings) -> AsyncIterator[httpx.AsyncClient]:
    serving = asyncio.ensure_future(serve(Starlette(routes=[Route("/", page), Route("/who", who)]), settings, Health()))
    async with httpx.AsyncClient(trust_env=False) as client:
        async with asyncio.timeout(PATIENCE_S):
            while not await answers(client, settings.http_port):
                assert not serving.done()
                await asyncio.sleep(0.02)
        yield client
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, PATIENCE_S)


async def answers(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/")).status_code == 200
    except httpx.TransportError:
        return False


async def test_the_two_ports_share_no_page() -> None:
    public, health = free_ports(2)
    async with a_door(HttpSettings(http_port=public, health_port=health)) as client:
        for path in PATHS:
            assert (await client.get(f"http://127.0.0.1:{public}{path}")).status_code == 404
            assert (await client.get(f"http://127.0.0.1:{health}{path}")).status_code == 200
        assert (await client.get(f"http://127.0.0.1:{health}/")).status_code == 404
    for port in (public, health):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_who_is_still_connected_does_not_hold_up_the_end() -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        async with serving_health(Health(), HealthSettings()) as port:
            assert (await client.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://127.0.0.1:{port}/health/live")


async def test_a_health_port_that_is_taken_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"{port}.*GUICHET_HEALTH_PORT"):
            async with serving_health(Health(), HealthSettings(health_port=port)):
                pass


async def who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.client.host if request.client else "")


@pytest.mark.parametrize(
    ("trusted", "forwarded", "heard"),
    [
        ("", "203.0.113.9", "127.0.0.1"),
        ("192.0.2.1", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("192.0.2.0/24, 127.0.0.1", "203.0.113.9, 198.51.100.1, 192.0.2.7", "198.51.100.1"),
    ],
)
async def test_a_visitors_address_is_what_a_trusted_proxy_says_and_nobody_else(
    trusted: str, forwarded: str, heard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_TRUSTED_PROXIES", trusted)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own variable decides nothing here
    public, health = free_ports(2)
    async with a_door(HttpSettings(http_port=public, health_port=health)) as client:
        answer = await client.get(f"http://127.0.0.1:{public}/who", headers={"X-Forwarded-For": forwarded})
    assert answer.text == heard


@pytest.mark.parametrize("wrong", ["*", "proxy.example", "10.0.0.1/8"])
def test_what_is_no_network_is_trusted_by_nobody(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_TRUSTED_PROXIES", wrong)
    with pytest.raises(SettingsError, match="GUICHET_TRUSTED_PROXIES"):
        read_settings(HttpSettings)
