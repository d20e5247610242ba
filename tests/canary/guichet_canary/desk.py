"""An agent at the desk, over HTTP: reads, answers, hands over, and types what belongs nowhere."""

import re
from collections.abc import Iterable
from html import unescape
from types import TracebackType
from typing import Self

import httpx

_CASE = re.compile(r'href="(/demandes/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})"')
_SEARCH = re.compile(r'<form class="search" action="([^"]+)" method="(get|post)"')
_HIDDEN = re.compile(r'name="(form_token|once)" value="([^"]*)"')


class Desk:
    """A signed-in session. pages: those that were read, by their address. led_to: where forms and answers led."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, trust_env=False)
        self.pages: dict[str, str] = {}
        self.led_to: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sign_in(self, name: str, password: str) -> int:
        """Sign in and return the status: 303 when let in, 401 when not."""
        hidden = dict(_HIDDEN.findall((await self._http.get("/connexion")).text))
        answer = await self._http.post("/connexion", data=hidden | {"name": name, "password": password})
        return answer.status_code

    async def read(self, path: str) -> str:
        """Return a page."""
        self.pages[path] = page = unescape((await self._http.get(path)).text)
        return page

    async def case_of(self, words: str) -> str | None:
        """Return the path of the case whose row in the list has these words."""
        for row in (await self.read("/demandes")).split("<tr")[1:]:
            if words in row and (found := _CASE.search(row)):
                return found[1]
        return None

    async def hidden_fields(self, path: str) -> dict[str, str]:
        """Return what a page's forms carry along."""
        return dict(_HIDDEN.findall((await self._http.get(path)).text))

    async def post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send any form."""
        return await self._http.post(path, data=fields, timeout=60)

    async def send(self, path: str, form: str, **fields: str) -> None:
        """Send one of a case page's forms; it must be taken."""
        answer = await self.post(f"{path}/{form}", await self.hidden_fields(path) | fields)
        assert answer.status_code == 303, f"{form}: {answer.status_code}"
        self.led_to.append(answer.headers["Location"])

    async def read_files(self, path: str) -> list[bytes]:
        """Download every file of a case."""
        links = re.findall(rf'href="({re.escape(path)}/fichiers/[^"]+)"', await self.read(path))
        return [(await self._http.get(link)).content for link in links]

    async def look_for(self, values: Iterable[str]) -> None:
        """Type into the search field, where a reference belongs, what belongs nowhere."""
        page = (await self._http.get("/demandes")).text
        found = _SEARCH.search(page)
        assert found is not None, "no search form"
        hidden = dict(_HIDDEN.findall(page[found.start() :].partition("</form>")[0]))
        for value in values:
            fields = hidden | {"reference": value}
            sent = {"params": fields} if found[2] == "get" else {"data": fields}
            answer = await self._http.request(found[2].upper(), found[1], **sent)  # type: ignore[arg-type]
            assert answer.status_code == 404, answer.status_code
            self.led_to.append(str(answer.request.url))
