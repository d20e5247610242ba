"""R14 (docs/law.md 56): a case that moves into a sensitive sector is gone from the former's open pages in two seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from playwright.async_api import Browser, Page, expect

from agent_desk.handlers.live.refresh_queue import RefreshQueue
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseRerouted
from guichet.ids import AgentId, EventId
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.real.pages import address_of, served
from guichet_testing.until import as_busy
from tests.rights.town_hall import Marked, World, a_world

WITHIN_S = 2.0
GONE = "Cette page n’existe pas"
ASKED_AGAIN = "Dites d’abord pourquoi vous ouvrez cette demande"


@pytest.fixture(autouse=True)
def _quick(quick_passwords: None) -> None:
    """Everybody signs in."""


@pytest.fixture
async def world() -> World:
    return await a_world()


@pytest.fixture
async def address(world: World) -> AsyncIterator[str]:
    async with served(world.hall.web()) as server:
        yield address_of(server)


async def signed_in(chromium: Browser, address: str, name: str) -> Page:
    page = await (await chromium.new_context(base_url=address)).new_page()
    await page.goto("/connexion")
    await page.locator("#name").fill(name)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/demandes")
    return page


async def to_social_aid(hall: TownHall, case: CaseRecord) -> None:
    """Do what the router does: the case is elsewhere, then its event says so."""
    moved = {"department": "ccas", "sector": "social", "procedure": None, "version": case.version + 1}
    gone = case.model_copy(update=moved)
    hall.cases.put(gone)
    hall.feed.put(
        CaseRerouted(
            event_id=EventId("moved"),
            occurred_at=hall.clock.now,
            case_id=gone.case_id,
            reference=gone.reference,
            version=gone.version,
            caused_by="command",
            sector=gone.sector,
            department=gone.department,
            citizen=None,
            entered_by=gone.entered_by,
            from_sector=case.sector,
            from_department=case.department,
            from_procedure=case.procedure,
            by=AgentId("agent-12"),
            reason=await hall.seal_reason(case, "command", "motif"),
        )
    )


@pytest.mark.parametrize(
    ("name", "kind", "left"),
    [
        ("karim.haddad", "own", 2),
        ("in-synthesis", "own", 4),
        ("synthesis-beside", "other-sector", 4),
        ("of-a-procedure", "of-a-procedure", 0),
        ("of-own-entries", "entered", 0),
    ],
)
async def test_r14_it_is_gone_from_list_page_numbers_and_search(
    chromium: Browser, address: str, world: World, name: str, kind: str, left: int
) -> None:
    marked = world.cases[kind]
    rows = await signed_in(chromium, address, name)
    page = await rows.context.new_page()
    await page.goto(f"/demandes/{marked.case.reference}")
    await expect(rows.locator(f"#r-{marked.case.reference}")).to_be_visible()
    await expect(rows.locator("#n-open")).to_have_text(str(left + 1))
    began, within_s = monotonic(), as_busy(WITHIN_S)
    await to_social_aid(world.hall, marked.case)
    await asyncio.gather(
        expect(page.locator("h1")).to_have_text(GONE, timeout=within_s * 1000),
        expect(rows.locator(f"#r-{marked.case.reference}")).to_have_count(0, timeout=within_s * 1000),
        expect(rows.locator("#n-open")).to_have_text(str(left), timeout=within_s * 1000),
        expect(rows.locator("#n-received")).to_have_text(str(left), timeout=within_s * 1000),
    )
    assert monotonic() - began < within_s
    for shown in (page, rows):
        assert not leaks(marked, await shown.content())
    await rows.locator("#recherche").fill(marked.case.reference)
    await rows.keyboard.press("Enter")
    await expect(rows.locator("h1")).to_have_text(GONE)


async def test_r14_its_row_goes_before_any_list_is_read_again(
    chromium: Browser, address: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred lists are read one after the other, which takes seconds."""

    @asynccontextmanager
    async def never(*_of: object) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(RefreshQueue, "of", never)
    case = world.cases["own"].case
    rows = await signed_in(chromium, address, "karim.haddad")
    await expect(rows.locator(f"#r-{case.reference}")).to_be_visible()
    await to_social_aid(world.hall, case)
    await expect(rows.locator(f"#r-{case.reference}")).to_have_count(0, timeout=as_busy(WITHIN_S) * 1000)
    assert not leaks(world.cases["own"], await rows.content())


async def test_r14_who_gave_a_reason_for_it_as_it_was_is_asked_again(
    chromium: Browser, address: str, world: World
) -> None:
    """Their profile opens cases of social aid, too, with a reason: theirs was for a case of the streets."""
    marked, name = world.cases["own"], "with-a-reason-for-sensitive"
    rows = await signed_in(chromium, address, name)
    page = await rows.context.new_page()
    await page.goto(f"/demandes/{marked.case.reference}")
    await page.locator("#reason").select_option("absence")
    await page.get_by_role("button", name="Ouvrir la demande").click()
    await expect(page.get_by_text("texte-own-zq")).to_be_visible()
    await expect(rows.locator(f"#r-{marked.case.reference}")).to_be_visible()
    within_s = as_busy(WITHIN_S)
    await to_social_aid(world.hall, marked.case)
    await asyncio.gather(
        expect(page.locator("h1")).to_have_text(ASKED_AGAIN, timeout=within_s * 1000),
        expect(rows.locator(f"#r-{marked.case.reference}")).to_have_count(0, timeout=within_s * 1000),
    )
    for shown in (page, rows):
        assert not leaks(marked, await shown.content())
    await page.get_by_role("link", name="Revenir à la demande").click()
    await expect(page.locator("h1")).to_have_text("Motif d’ouverture")
    main = await page.locator("main").inner_text()
    assert not [word for word in ("Action sociale", "Reçue", "Démarche") if word in main]


def leaks(marked: Marked, content: str) -> list[str]:
    """Return what is left of a case. Its stream's address, on the page's own main element, is where the page was."""
    return [mark for mark in marked.personal if mark in content]
