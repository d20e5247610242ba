"""An agent at the desk, timed: each page by the wall clock, from the request to its last byte."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from time import perf_counter
from typing import Final

import httpx

from guichet_local.stack import LocalStack
from guichet_testing.town.desk_client import DeskClient, hidden_in, password_of

_CASE: Final = re.compile(r'href="(/demandes/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})')
_FURTHER: Final = re.compile(r'<a rel="next" href="([^"]*)"')


class PageError(Exception):
    """The desk answered with something else than a page."""


@dataclass(frozen=True)
class Page:
    """What came, and after how many ms."""

    text: str
    took: float
    cases: list[str] = field(init=False)
    further: str | None = field(init=False)

    def __post_init__(self) -> None:
        further = _FURTHER.search(self.text)
        object.__setattr__(self, "cases", [*dict.fromkeys(_CASE.findall(self.text))])
        object.__setattr__(self, "further", unescape(further[1]) if further else None)


class TimedDesk:
    """A session over one connection that is kept, as a browser's."""

    def __init__(self, http: httpx.AsyncClient, form_token: str) -> None:
        self._http, self._form_token = http, form_token

    async def read(self, path: str) -> Page:
        """Open a page."""
        began = perf_counter()
        return _page(await self._http.get(path), began)

    async def search(self, typed: str) -> Page:
        """Search as the field in the header does: what is sent, and where that leads."""
        began = perf_counter()
        sent = await self._http.post("/recherche", data={"form_token": self._form_token, "q": typed})
        if sent.status_code != 303:
            raise PageError(f"a search was answered by {sent.status_code}")
        return _page(await self._http.get(sent.headers["location"]), began)


def _page(answer: httpx.Response, began: float) -> Page:
    if answer.status_code != 200:
        raise PageError(f"{answer.request.url.path}: {answer.status_code}")
    return Page(answer.text, (perf_counter() - began) * 1000)


@asynccontextmanager
async def timed_desk(stack: LocalStack, agent: str) -> AsyncIterator[TimedDesk]:
    """Sign in by the form, as anybody."""
    url = stack.addresses["agent-desk"]
    async with DeskClient(url) as desk:
        if await desk.sign_in(agent, password_of(stack, agent)) != 303:
            raise PageError("the agent was not let in")
        cookies = {cookie.name: cookie.value or "" for cookie in desk.http.cookies.jar}
    limits = httpx.Limits(keepalive_expiry=4)  # the server closes after five idle seconds
    async with httpx.AsyncClient(base_url=url, cookies=cookies, limits=limits, trust_env=False, timeout=300) as http:
        yield TimedDesk(http, hidden_in((await http.get("/recherche")).text)["form_token"])
