"""An agent who also types what belongs nowhere, and remembers every page and address that the desk showed."""

import re
from collections.abc import Iterable

from guichet_testing.town.desk_client import DeskClient, hidden_in

_SEARCH = re.compile(r'<form class="search" action="([^"]+)" method="(get|post)"')


class Desk(DeskClient):
    """A signed-in session. pages: those that were read, by their address. led_to: where forms and answers led."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self.pages: dict[str, str] = {}
        self.led_to: list[str] = []

    async def read(self, path: str) -> tuple[int, str]:
        status, self.pages[path] = await super().read(path)
        return status, self.pages[path]

    async def send(self, path: str, form: str, **fields: str) -> str:
        self.led_to.append(await super().send(path, form, **fields))
        return self.led_to[-1]

    async def read_files(self, path: str) -> list[bytes]:
        """Download every file of a case."""
        _, page = await self.read(path)
        links = re.findall(rf'href="({re.escape(path)}/fichiers/[^"]+)"', page)
        return [(await self.http.get(link)).content for link in links]

    async def take_many(self, paths: Iterable[str], words: str) -> str:
        """Take several cases at once, saying why; return the address where that is followed."""
        page = (await self.http.get("/demandes")).text
        chosen = {"act": "prise", "case": [path.rpartition("/")[2] for path in paths]}
        shown = (await self.http.post("/traitements/apercu", data=hidden_in(page) | chosen)).text
        me = re.search(r'<option value="([^"]+)" selected>', shown)
        assert me is not None, "nobody is offered"
        said = {"to": me[1], "words": words, "seen": re.findall(r'name="seen" value="([^"]*)"', shown)}
        answer = await self.http.post("/traitements", data=hidden_in(shown) | chosen | said)
        assert answer.status_code == 303, answer.status_code
        self.led_to.append(answer.headers["Location"])
        return self.led_to[-1]

    async def look_for(self, values: Iterable[str]) -> None:
        """Search for what citizens are known by, and read what is found: the words must stand in no address."""
        page = (await self.http.get("/demandes")).text
        found = _SEARCH.search(page)
        assert found is not None, "no search form"
        hidden = hidden_in(page[found.start() :].partition("</form>")[0])
        for value in values:
            fields = hidden | {"q": value}
            sent = {"params": fields} if found[2] == "get" else {"data": fields}
            answer = await self.http.request(found[2].upper(), found[1], **sent)  # type: ignore[arg-type]
            assert answer.status_code == 303, answer.status_code
            self.led_to += [str(answer.request.url), answer.headers["location"]]
            status, _ = await self.read(answer.headers["location"])
            assert status == 200, status
