"""A running sandbox on free ports, and a town behind it; both forget everything between tests.

Fixtures for the tests of the sandbox and of its tiles: a conftest.py imports them.
"""

from collections.abc import AsyncIterator

import pytest

from guichet_testing.doors.sandbox import Running, Town, running_sandbox, running_town
from guichet_testing.town.sandbox_client import SandboxClient


@pytest.fixture(scope="session")
async def town_server() -> AsyncIterator[Town]:
    """The test run's town."""
    async with running_town() as town:
        yield town


@pytest.fixture(scope="session")
async def sandbox(town_server: Town) -> AsyncIterator[Running]:
    """The test run's sandbox, with every tile that a package offers."""
    async with running_sandbox(town_server) as running:
        yield running


@pytest.fixture
def town(town_server: Town) -> Town:
    """The town, which has been told nothing yet."""
    town_server.forget()
    return town_server


@pytest.fixture
async def citizens(sandbox: Running, town: Town) -> AsyncIterator[SandboxClient]:  # noqa: ARG001 - which forgets too
    """A client of the sandbox, which has forgotten everything."""
    async with SandboxClient(sandbox.url) as client:
        await client.reset()
        yield client
        await client.reset()
