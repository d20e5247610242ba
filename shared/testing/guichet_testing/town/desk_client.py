"""An agent at the desk, over HTTP, for tests on a whole Guichet: finds a case in the list, reads it, acts on it."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from html import unescape
from types import TracebackType
from typing import Final, Self

import httpx

from guichet_local.stack import LocalStack

_CASE: Final = re.compile(r'href="(/demandes/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})"')
_HIDDEN: Final = re.compile(r'name="(form_token|once|shown|answers|replaces|closes_despite|attached)" value="([^"]*)"')

_SEEN: Final = re.compile(r'name="seen" value="([^"]*)"')
_DESPITE: Final = re.compile(r'name="despite" value="([^"]*)"')


class DeskClient:
    """A session. Use it with `async with`. A path is a case's, as `case_of` returns it."""

    def __init__(self, base_url: str) -> None:
        # The server closes a connection after five idle seconds: one used again just then gets no answer.
        limits = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.AsyncClient(base_url=base_url, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def sign_in(self, name: str, password: str) -> int:
        """Sign in and return the status: 303 when let in, 401 when not."""
        answer = await self.post(
            "/connexion", await self.hidden_fields("/connexion") | {"name": name, "password": password}
        )
        return answer.status_code

    async def read(self, path: str) -> tuple[int, str]:
        """Return a page's status and words."""
        answer = await self.http.get(path)
        return answer.status_code, unescape(answer.text)

    async def case_of(self, words: str) -> str | None:
        """Return the path of the first case whose row in the list has these words."""
        _, page = await self.read("/demandes")
        rows = (row for row in page.split("<tr")[1:] if words in row)
        return next((found[1] for row in rows if (found := _CASE.search(row))), None)

    async def hidden_fields(self, path: str) -> dict[str, str]:
        """Return what a page's forms carry along."""
        return hidden_in((await self.http.get(path)).text)

    async def post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send any form."""
        return await self.http.post(path, data=fields, timeout=60)

    async def send(self, path: str, form: str, **fields: str) -> str:
        """Send one of a case page's forms, which must be taken; return where it led.

        What the desk asks before an answer leaves is ticked, as by an agent who has looked.
        """
        sent = await self.hidden_fields(path) | fields
        answer = await self.post(f"{path}/{form}", sent)
        if answer.status_code == 422 and (asked := _DESPITE.search(answer.text)):
            answer = await self.post(f"{path}/{form}", sent | {"despite": unescape(asked[1])})
        assert answer.status_code == 303, f"{form}: {answer.status_code}"
        return answer.headers["Location"]

    async def act_on_many(self, paths: Iterable[str], act: str, **said: str) -> str:
        """Do one thing with several cases at once, which must be taken; return the address where it is followed."""
        chosen = {"act": act, "case": [path.rpartition("/")[2] for path in paths]} | said
        listed = hidden_in((await self.http.get("/demandes")).text)
        shown = (await self.http.post("/traitements/apercu", data=listed | chosen, timeout=60)).text
        seen = {"seen": _SEEN.findall(shown)}
        answer = await self.http.post("/traitements", data=hidden_in(shown) | chosen | seen, timeout=60)
        assert answer.status_code == 303, f"{act}: {answer.status_code}"
        return answer.headers["Location"]

    async def attach(self, path: str, name: str, content: bytes, text: str) -> None:
        """Begin an answer with a file, which must be taken, and leave it a draft."""
        sent = await self.hidden_fields(path) | {"text": text}
        answer = await self.http.post(f"{path}/pieces-jointes", data=sent, files={"files": (name, content)}, timeout=60)
        assert answer.status_code == 303, f"{name}: {answer.status_code}"

    async def bring_letter(self, scan: bytes, *, department: str, stamp: str, kept_at: str) -> str:
        """Upload the scan of a letter, which must be taken; return where it is completed."""
        token = (await self.hidden_fields("/saisie"))["form_token"]
        form = {"form_token": token, "department": department, "stamp": stamp, "kept_at": kept_at}
        files = {"scans": ("scan.pdf", scan)}
        answer = await self.http.post("/saisie/courriers", data=form, files=files, timeout=60)
        assert answer.status_code == 303, answer.status_code
        return f"{answer.headers['Location']}/1"

    async def file_letter(self, path: str, **typed: str) -> None:
        """Complete a letter, which must be taken."""
        answer = await self.post(path, await self.hidden_fields(path) | typed)
        assert answer.status_code == 303, (path, answer.status_code)


def hidden_in(page: str) -> dict[str, str]:
    """Return the hidden fields that a page's forms carry along."""
    return dict(_HIDDEN.findall(page))


def password_of(stack: LocalStack, name: str) -> str:
    """Return the password that the first start wrote down for an agent."""
    lines = map(str.split, (stack.folder / "secrets" / "agents.txt").read_text().splitlines())
    return next(words[-1] for words in lines if words[:1] == [name])


@asynccontextmanager
async def signed_in(stack: LocalStack, name: str) -> AsyncIterator[DeskClient]:
    """Open a session of an agent at a stack's desk."""
    async with DeskClient(stack.addresses["agent-desk"]) as desk:
        assert await desk.sign_in(name, password_of(stack, name)) == 303
        yield desk
