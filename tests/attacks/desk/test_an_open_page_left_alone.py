"""Whoever sits down at an agent's desk that was left: an open live page keeps nobody signed in (a real browser)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Response, expect

from agent_desk.domain.sign_in.sessions import IDLE
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseClosed
from guichet.ids import AgentId, EventId
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.real.pages import address_of, keep_picture, served
from guichet_testing.until import until

TYPED = "Bonjour, nous passons mardi avec"


@pytest.fixture
def hall(quick_passwords: None) -> TownHall:
    return TownHall()


@pytest.fixture
async def page(chromium: Browser, hall: TownHall) -> AsyncIterator[Page]:
    async with served(hall.web()) as server:
        page = await chromium.new_page(base_url=address_of(server))
        await page.goto("/connexion")
        await page.locator("#name").fill("karim.haddad")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/demandes")
        yield page
        await page.close()


async def something_happens(hall: TownHall, case: CaseRecord, nth: int) -> None:
    hall.feed.put(
        CaseClosed(
            event_id=EventId(f"event-{nth}"),
            occurred_at=case.received_at,
            case_id=case.case_id,
            reference=case.reference,
            version=case.version,
            caused_by="x",
            sector=case.sector,
            department=case.department,
            citizen=case.citizen,
            by=AgentId("agent-12"),
        )
    )


async def test_a_page_that_refreshes_itself_keeps_no_absent_agent_signed_in(page: Page, hall: TownHall) -> None:
    hole = (await a_busy_morning(hall))["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    kept: list[Response] = []
    page.on("response", lambda each: kept.append(each) if each.url.endswith("/brouillon") else None)
    await page.locator("#text").fill(TYPED)  # which is kept as a draft: so far they are there
    await until(lambda: len(kept) == 2, "kept at once, and once more when they pause")
    left, nth = hall.clock.now, 0
    while hall.clock.now <= left + IDLE:
        hall.clock.now += timedelta(minutes=40)
        nth += 1
        async with page.expect_response("**/fil?*"):
            await something_happens(hall, hole, nth)
    await expect(page.locator("#vivant")).to_contain_text("Votre session est terminée")
    await expect(page.locator("#vivant")).not_to_contain_text("jeanne.moreau@")
    await expect(page.locator("#text")).to_have_value(TYPED)
    await keep_picture(page, "desk-session-over")
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Se connecter").last.click()
    await expect((await opened.value).locator("h1")).to_have_text("Connexion des agents")
    await expect(page.locator("#text")).to_have_value(TYPED)
