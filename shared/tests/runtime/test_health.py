import asyncio
from datetime import timedelta

import httpx
from fastapi import FastAPI

from guichet.runtime.health import Health, probe_routes


def client_of(health: Health) -> httpx.AsyncClient:
    web = FastAPI()
    web.routes.extend(probe_routes(health))
    return httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://service")


async def answers() -> None:
    return None


async def fails() -> None:
    raise ConnectionError("away")


async def hangs() -> None:
    await asyncio.sleep(60)


async def test_ready_names_every_part_that_does_not_answer():
    health = Health(patience=timedelta(milliseconds=50))
    for name, check in {"broker": fails, "store": hangs, "town": answers}.items():
        health.add(name, check)
    async with client_of(health) as client:
        response = await client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["missing"] == ["broker", "store"]


async def test_live_even_while_a_part_is_away():
    health = Health()
    health.add("broker", fails)
    async with client_of(health) as client:
        assert (await client.get("/health/live")).status_code == 200


async def test_metrics_are_served_in_prometheus_text():
    async with client_of(Health()) as client:
        response = await client.get("/metrics")
    assert "guichet_dead_letters_total" in response.text
