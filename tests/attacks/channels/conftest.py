"""The town in which third parties do harm."""

from collections.abc import AsyncIterator

import pytest

from guichet_testing.town.third_parties import ThirdParties
from guichet_testing.town.town import Town, town_of


@pytest.fixture(scope="module")
async def town(third_parties: ThirdParties) -> AsyncIterator[Town]:
    async with town_of(third_parties.stack) as town:
        yield town
