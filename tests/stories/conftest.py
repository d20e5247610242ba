"""What every story plays on: the whole of Guichet on free ports, the citizens' sandbox, a real browser."""

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pytest
import yaml
from playwright.async_api import Browser, Page, ViewportSize

from guichet.contracts.delivery import DeliveryState
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.town.desk_client import password_of
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import only
from guichet_testing.town.store import DATA, looked_into
from guichet_testing.town.town import Town, town_of
from guichet_testing.until import until

# What a town's lawyer has confirmed: the example's own sources are still to be.
CONFIRMED: Final[dict[str, dict[str, Any]]] = {
    "terrasse": {
        "silence": {"means": "rejects", "after": "2 months", "source": "CRPA L231-4"},
        "pieces": {
            "plan": {"label": "Plan coté", "required_by": "arrêté municipal 12, article 3", "indispensable": True}
        },
    },
    "salle": {"silence": {"means": "accepts", "after": "15 days", "source": "CRPA L231-1"}},
}
NEEDED = ("ingest-email", "case-router", "notifier", "agent-desk", "citizen-portal", "citizen-sandbox")

ONE_COLUMN = ViewportSize(width=1024, height=768)  # what stands beside a case would be found twice

REFERENCE: Final = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
SignIn = Callable[[str], Awaitable[Page]]
FileByMail = Callable[..., Awaitable[str]]


async def nothing_is_under_way(town: Town) -> bool:
    """Return whether all that was written has been handled, and what the town owes for it has left."""
    due = {"state": DeliveryState.PENDING, "due_at": {"$lte": datetime.now(UTC)}}
    return await town.all_is_handled() and not town.store[DATA]["deliveries"].count_documents(due, limit=1)


@pytest.fixture(scope="session")
def confirmed_guichet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A Guichet for the stories of the group "confirmed town", without what they do not need.

    Two procedures are confirmed there, and by mail alone one is answered. In the last story months pass.
    """
    folder = tmp_path_factory.mktemp("confirmed")
    town = shutil.copytree(EXAMPLE_TOWN, folder / "town", ignore=shutil.ignore_patterns("tests"))
    catalogue = yaml.safe_load((town / "procedures.yaml").read_text("utf-8"))
    for name, version in CONFIRMED.items():
        catalogue["procedures"][name]["clocks"] = [version]
    (town / "procedures.yaml").write_text(yaml.safe_dump(catalogue, allow_unicode=True), "utf-8")
    services = only(*NEEDED, lanes={"mail"})
    with LocalStack(folder / "guichet", settings={"GUICHET_TOWN": str(town)}, services=services) as stack:
        yield stack


@pytest.fixture
async def sandbox(guichet: LocalStack) -> AsyncIterator[SandboxClient]:
    """The citizens. Each story begins with empty phones and mailboxes, and what was sent before has arrived."""
    async with town_of(guichet) as town:
        await town.sandbox.behave()
        with suppress(TimeoutError):  # an attack may have left what nobody handles
            await until(partial(nothing_is_under_way, town), "what was sent before has arrived", seconds=10)
        await town.sandbox.reset()
        yield town.sandbox


@pytest.fixture
async def new_page(chromium: Browser) -> AsyncIterator[Callable[[], Awaitable[Page]]]:
    """Open a page of one's own, in a fresh session."""
    contexts = []

    async def open_page() -> Page:
        contexts.append(await chromium.new_context(locale="fr-FR", viewport=ONE_COLUMN))
        return await contexts[-1].new_page()

    yield open_page
    for context in contexts:
        await context.close()


@pytest.fixture
def sign_in(guichet: LocalStack, new_page: Callable[[], Awaitable[Page]]) -> SignIn:
    """Sign in at the desk by a town agent's name; return the page with their cases."""

    async def enter(name: str) -> Page:
        page = await new_page()
        await page.goto(f"{guichet.addresses['agent-desk']}/")
        await page.get_by_label("Nom de connexion").fill(name)
        await page.get_by_label("Mot de passe").fill(password_of(guichet, name))
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/demandes*")
        return page

    return enter


@pytest.fixture
def file_by_mail(sandbox: SandboxClient) -> FileByMail:
    """Have a citizen write; return their case's reference once the receipt tells them."""

    async def write(who: str, subject: str, text: str, *to: str) -> str:
        known = [each.id for each in await sandbox.entries(who)]
        await sandbox.send_mail(who, subject, text, to=[*to] or None)
        receipt = await sandbox.wait_for_mail(who, after=max(known, default=0))
        found = REFERENCE.search(receipt.text)
        assert found is not None, receipt.text
        return found[0]

    return write


@pytest.fixture
def store(guichet: LocalStack) -> Iterator[Any]:
    """The town's data, as their administrator sees them."""
    with looked_into(guichet) as client:
        yield client[DATA]
