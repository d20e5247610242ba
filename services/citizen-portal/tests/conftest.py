"""A portal over twins, and a citizen's browser."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from guichet_testing.doors.portal_on_twins import Counter


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
async def browser(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(counter.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as browser:
        yield browser


@pytest.fixture
async def filled_in(browser: httpx.AsyncClient) -> dict[str, str]:
    """The form as somebody filled it in."""
    mark = re.search(r'name="mark" value="([^"]+)"', (await browser.get("/")).text)
    assert mark
    return {
        "mark": mark[1],
        "name": "Jeanne Moreau",
        "email": "Jeanne.Moreau@courriel.example",
        "phone": "",
        "subject": "Nid-de-poule",
        "message": "Bonjour,\r\nUn trou devant l’école.",
        "website": "",
    }
