"""Somebody at a desk over twins, with a browser of a size: what a scene is played with."""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import BrowserContext, Page

from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.real.pages import address_of, served

KARIM: Final = "karim.haddad"  # roads and lighting
HELENE: Final = "helene.vasseur"  # heads departments, administers, looks at suspended mail
ROOM_BESIDE: Final = 1100  # pixels from which desk.js says that a list has room beside a case
_TOKEN: Final = re.compile(r'name="form_token" value="([^"]*)"')


@dataclass
class Visit:
    """context: of the browser, in which nobody is signed in yet. stack: what ends with the visit."""

    context: BrowserContext
    width: int
    stack: AsyncExitStack
    _at: list[tuple[Page, str]] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The one window of the visit, once its desk is open."""
        return self._at[0][0]

    @property
    def address(self) -> str:
        """Where the desk is."""
        return self._at[0][1]

    async def enter(self, hall: TownHall, name: str | None = KARIM) -> Page:
        """Open a hall's desk, and sign somebody in; None: nobody. What the hall is beside its stores is fixed by then."""
        address = address_of(await self.stack.enter_async_context(served(hall.web())))
        if self.width >= ROOM_BESIDE:
            await self.context.add_cookies([{"name": "ecran", "value": "large", "url": address}])
        page = await self.context.new_page()
        self.stack.push_async_callback(page.close)  # first: a server waits for a stream that is listened to
        self._at.append((page, address))
        if name is not None:
            await self.sign_in(name)
        return self.page

    async def sign_in(self, name: str) -> None:
        """Sign somebody in, without a look at that page."""
        asked = await self.context.request.get(f"{self.address}/connexion")
        form = {"form_token": _token_in(await asked.text()), "name": name, "password": PASSWORD, "vers": ""}
        await self.context.request.post(f"{self.address}/connexion", form=form, max_redirects=0)

    async def goto(self, path: str) -> None:
        """Go to a page of the desk."""
        await self.page.goto(f"{self.address}{path}")

    async def post(self, path: str, **form: str) -> str:
        """Send a form of that agent's without a look at its page; return where that leads, or an empty text."""
        asked = await self.context.request.get(f"{self.address}/demandes")
        sent = {"form_token": _token_in(await asked.text()), **form}
        answer = await self.context.request.post(f"{self.address}{path}", form=sent, max_redirects=0)
        return answer.headers.get("location", "")


def _token_in(page: str) -> str:
    found = _TOKEN.search(page)
    assert found, "the page has no form"
    return found[1]
