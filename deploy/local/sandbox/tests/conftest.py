"""A running sandbox on free ports, and a town behind it; both forget everything between tests."""

from collections.abc import AsyncIterator

import pytest

from guichet_testing.doors.sandbox import Running, Town, running_sandbox, running_town
from guichet_testing.town.sandbox_client import SandboxClient


@pytest.fixture(scope="session")
async def town_server() -> AsyncIterator[Town]:
    async with running_town() as town:
        yield town


@pytest.fixture(scope="session")
async def sandbox(town_server: Town) -> AsyncIterator[Running]:
    async with running_sandbox(town_server) as running:
        yield running


@pytest.fixture
def town(town_server: Town) -> Town:
    town_server.forget()
    return town_server


@pytest.fixture
async def citizens(sandbox: Running, town: Town) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as client:
        await client.reset()
        yield client
        await client.reset()
