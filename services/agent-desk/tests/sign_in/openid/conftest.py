"""A desk over twins beside a provider in memory, and browsers that come back from it."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from guichet_testing.doors.beside_a_provider import a_client, lay_units_and_mappings
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.feigned_provider import CLIENT_SECRET, ISSUER, FeignedProvider

ThereAndBack = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def provider() -> FeignedProvider:
    """The provider, which knows Léa of the streets."""
    provider = FeignedProvider()
    provider.knows("lea", given_name="Léa", usual_name="Vasseur", organizational_unit="Direction de la voirie")
    return provider


@pytest.fixture
async def hall(provider: FeignedProvider) -> TownHall:
    """A desk beside that provider, whose mappings put two units of its onto departments."""
    hall = TownHall(
        clock=provider.clock,
        client=a_client(ISSUER, "http://desk.test", CLIENT_SECRET),
        provider_http=provider.http(),
    )
    await lay_units_and_mappings(hall.staff)
    return hall


@pytest.fixture
def there_and_back(provider: FeignedProvider) -> ThereAndBack:
    """Sign in by the provider with a browser; return what the desk answers when it is back."""

    async def go(browser: httpx.AsyncClient, name: str = "lea", vers: str = "", **how) -> httpx.Response:
        there = await browser.get("/connexion/fournisseur", params={"vers": vers})
        assert there.status_code == 303, there.text
        return await browser.get(provider.sign_in(there.headers["location"], name, **how))

    return go
