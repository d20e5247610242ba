"""An agent at the desk, over HTTP: finds a case in the list, answers, hands over, looks at addresses."""

import re
from html import unescape
from types import TracebackType
from typing import Final, Self

import httpx

_CASE: Final = re.compile(r'href="(/demandes/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})"')
_HIDDEN: Final = re.compile(r'name="(form_token|once)" value="([^"]*)"')


class Desk:
    """A session. Use it with `async with`."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sign_in(self, name: str, password: str) -> None:
        """Sign in."""
        hidden = dict(_HIDDEN.findall((await self._http.get("/connexion")).text))
        answer = await self._http.post("/connexion", data=hidden | {"name": name, "password": password})
        assert answer.status_code == 303, answer.status_code

    async def find(self, words: str) -> str | None:
        """Return the path of the first case whose row in the list has these words."""
        page = unescape((await self._http.get("/demandes")).text)
        rows = (row for row in page.split("<tr")[1:] if words in row)
        return next((found[1] for row in rows if (found := _CASE.search(row))), None)

    async def read(self, path: str) -> tuple[int, str]:
        """Return a page's status and words."""
        answer = await self._http.get(path)
        return answer.status_code, unescape(answer.text)

    async def send(self, path: str, form: str, **fields: str) -> None:
        """Send one of a case page's forms."""
        hidden = dict(_HIDDEN.findall((await self._http.get(path)).text))
        answer = await self._http.post(f"{path}/{form}", data=hidden | fields)
        assert answer.status_code == 303, f"{form}: {answer.status_code}"
