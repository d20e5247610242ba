"""The portal's form, filled in without a browser."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

_MARK: Final = re.compile(r'name="mark" value="([^"]*)"')
File = tuple[str, bytes, str]
"""Its name, its bytes, its type."""


@dataclass(frozen=True)
class PortalForm:
    """An open form. mark: what it carries along, so that it is one message however often it is sent."""

    browser: httpx.AsyncClient
    mark: str

    async def send(self, fields: Mapping[str, str], files: Sequence[File] = ()) -> int:
        """Send it and return the status: 303 when it was taken, 422 when it comes back, 503 when it cannot be kept."""
        parts = [(name, (None, value)) for name, value in {**fields, "mark": self.mark}.items()]
        answer = await self.browser.post("/", files=[*parts, *(("files", file) for file in files)])
        return answer.status_code


@asynccontextmanager
async def portal_form(portal: str) -> AsyncIterator[PortalForm]:
    """Open the form of the portal at this address."""
    async with httpx.AsyncClient(base_url=portal, trust_env=False, timeout=60) as browser:
        [mark] = _MARK.findall((await browser.get("/")).text)
        yield PortalForm(browser, mark)
