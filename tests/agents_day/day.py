"""Who and what a day at the desk is lived with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from playwright.async_api import Browser, Page, expect

from guichet.law.calendar import paris_date
from guichet_local.stack import LocalStack
from guichet_testing.doors.desk_in_browser import SIZES
from guichet_testing.town.desk_client import password_of
from guichet_testing.town.sandbox_client import SandboxClient
from tests.agents_day.diary import Step
from tests.agents_day.keyboard import Keyboard, row_of

KARIM: Final = "karim.haddad"  # roads and lighting
HELENE: Final = "helene.vasseur"  # answers for eight departments, his among them


@dataclass
class Day:
    """A town that runs, its citizens and a browser. steps: what was done so far. seen: what is worth a sentence."""

    stack: LocalStack
    sandbox: SandboxClient
    browser: Browser
    steps: list[Step] = field(default_factory=list)
    seen: dict[str, object] = field(default_factory=dict)

    @property
    def desk(self) -> str:
        """Return the desk's address."""
        return self.stack.addresses["agent-desk"]

    async def comes(self, keys: Keyboard, subject: str, text: str = "Bonjour, pouvez-vous passer ?") -> None:
        """Let a mail come while an agent has the list of all cases open; it stands first."""
        await keys.press("Escape", "Escape", "g", "t")
        await keys.at("**/demandes")
        await self.sandbox.send_mail("amina-benali", subject, text)
        await expect(row_of(keys.page, subject)).to_be_visible()

    def today(self) -> date:
        """Return which day it is in the town, whose clock may be moved."""
        return paris_date(datetime.now(UTC) + self.stack.move_clock(timedelta(0)))

    @asynccontextmanager
    async def at_the_desk(self, name: str, *, zoomed: bool = False, step: str = "") -> AsyncIterator[Keyboard]:
        """Sign somebody in, in a session of their own. zoomed: at 200 %, in the dark. step: the name to count it under."""
        width, height = SIZES["zoomed" if zoomed else "desk"]
        context = await self.browser.new_context(
            base_url=self.desk,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": height},
            device_scale_factor=2 if zoomed else 1,
            color_scheme="dark" if zoomed else "light",
            bypass_csp=zoomed,  # axe is put into the page
        )
        keys = Keyboard(await context.new_page())
        await keys.page.goto("/connexion")
        async with keys.doing(step, self.steps if step else []):
            await self._sign_in(keys, name)
        yield keys
        await context.close()

    async def _sign_in(self, keys: Keyboard, name: str) -> None:
        await expect(keys.page.locator("#name")).to_be_focused()
        await keys.write(name)
        await keys.press("Tab")
        await keys.write(password_of(self.stack, name))
        await keys.press("Enter")
        await keys.at("**/demandes")


async def done(page: Page, words: str) -> None:
    """Wait until the page says that something is done."""
    await expect(page.locator(".notice-done").first).to_contain_text(words)
