"""Suspended mail of a small town, and agents who look at it."""

import httpx
import pytest

from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.suspended_morning import SuspendedMorning, a_suspended_morning


@pytest.fixture
async def mails(hall: TownHall) -> SuspendedMorning:
    return await a_suspended_morning(hall)


@pytest.fixture
async def helene(sign_in, mails: SuspendedMorning) -> httpx.AsyncClient:
    """She looks at the suspended mail of many departments, the CCAS not among them."""
    return await sign_in("helene.vasseur")


@pytest.fixture
async def fatou(sign_in, mails: SuspendedMorning) -> httpx.AsyncClient:
    """She looks at the CCAS's."""
    return await sign_in("fatou.diallo")


@pytest.fixture
async def claire(sign_in, mails: SuspendedMorning) -> httpx.AsyncClient:
    """She has the department whose mail it is, and no right to look at what is suspended."""
    return await sign_in("claire.dumas")
