"""The desk in a real browser: live without reloading, usable by keyboard, clean for axe, no page wider than a phone.

GUICHET_SCREENSHOTS=folder keeps a picture of each page.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from agent_desk_testing.town_hall import PASSWORD, TownHall
from guichet.contracts.case_events import CaseClosed, CaseOpened, CaseRerouted
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import EventId

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no Chromium: apt-get install chromium"
)
AXE = (Path(__file__).parents[3] / "tests" / "vendored" / "axe-4.14.1.min.js").read_text()
SIZES = {"desk": (1280, 860), "phone": (390, 844), "zoomed": (640, 430)}  # zoomed: 1280 pixels at 200 %


@pytest.fixture
async def address(hall: TownHall) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(hall.web(), port=0, log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, address: str, cases) -> AsyncIterator[Page]:
    page = await browser.new_page(base_url=address)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: "Content Security Policy" in message.text and problems.append(message.text))
    await sign_in(page)
    yield page
    await page.close()  # with the browser's profile of its own
    assert problems == []


async def sign_in(page: Page) -> None:
    await page.goto("/connexion")
    await expect(page.locator("#name")).to_be_focused()  # by itself: an agent types at once
    await page.keyboard.type("karim.haddad")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/demandes")


def about(case, **fields):
    common = {
        "event_id": EventId(f"event-{case.case_id}"),
        "occurred_at": case.received_at,
        "case_id": case.case_id,
        "reference": case.reference,
        "version": case.version,
        "caused_by": "x",
        "sector": case.sector,
        "department": case.department,
        "citizen": case.citizen,
    }
    return common | fields


async def test_a_new_case_appears_by_itself(page: Page, hall: TownHall):
    case = await hall.open_case("fresh", subject="Tout frais", minutes=170)
    await hall.feed.put(
        CaseOpened(
            **about(case), message_id=case.opened_by, channel=case.channel, account=case.account,
            received_at=case.received_at, routing=case.routing,
        )
    )  # fmt: skip
    await expect(page.locator(f"#r-{case.reference}")).to_contain_text("Tout frais")
    await expect(page.locator("[role=status][sse-swap]")).to_contain_text(f"Nouvelle demande {case.reference}")
    await page.locator(f"#a-{case.reference}").press("Enter")
    await expect(page.locator("h1")).to_have_text("Tout frais")


async def test_a_case_updates_while_an_answer_is_being_typed(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    await page.locator("#text").fill("Je rédige")
    hall.cases.put(hole.model_copy(update={"state": "closed"}))
    await hall.feed.put(CaseClosed(**about(hole), by="agent-12"))
    await expect(page.locator(".case-head .state")).to_have_text("Close")
    await expect(page.locator("#text")).to_have_value("Je rédige")
    await expect(page.locator("#text")).to_be_focused()


async def test_a_case_that_leaves_the_department_leaves_the_page(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    gone = hole.model_copy(update={"department": "ccas", "sector": "social"})
    hall.cases.put(gone)
    sealed = await hall.seal_reason(hole, "command", "motif")
    await hall.feed.put(
        CaseRerouted(**about(gone), from_sector=hole.sector, from_department="voirie", by="agent-12", reason=sealed)
    )
    await expect(page.locator("h1")).to_have_text("Cette page n’existe pas")
    await expect(page.locator("body")).not_to_contain_text("Nid-de-poule")


async def test_a_case_that_left_before_the_page_could_listen_leaves_it_too(page: Page, hall: TownHall, cases):
    hole = cases["hole"]

    async def while_nobody_listens(route):
        hall.cases.put(hole.model_copy(update={"department": "ccas", "sector": "social"}))
        await route.continue_()

    await page.route("**/direct?**", while_nobody_listens)
    await page.goto(f"/demandes/{hole.reference}")
    await expect(page.locator("h1")).to_have_text("Cette page n’existe pas")


async def test_a_session_that_ends_clears_the_page_and_leaves_what_is_being_typed(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    await page.locator("#text").fill("Je rédige")
    hall.sessions._sessions.clear()
    await hall.feed.put(CaseClosed(**about(hole), by="agent-12"))
    await expect(page.locator("#vivant")).to_contain_text("Votre session est terminée")
    await expect(page.locator("#vivant")).not_to_contain_text("jeanne.moreau@")
    await expect(page.locator("#text")).to_have_value("Je rédige")


async def test_a_hidden_tab_gives_its_connection_back_and_catches_up(page: Page, hall: TownHall, cases):
    look_away = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    look_away += "document.dispatchEvent(new Event('visibilitychange'))"
    lamp = cases["lamp"]
    await page.goto(f"/demandes/{lamp.reference}")
    await page.evaluate(look_away % "true")
    hall.cases.put(lamp.model_copy(update={"state": "closed"}))
    await hall.feed.put(CaseClosed(**about(lamp), by="agent-12"))
    await asyncio.sleep(1)
    await expect(page.locator(".case-head .state")).to_have_text("Reçue")
    await page.evaluate(look_away % "false")
    await expect(page.locator(".case-head .state")).to_have_text("Close")


async def test_an_outage_of_the_broker_loses_no_words(page: Page, hall: TownHall, cases):
    await page.goto(f"/demandes/{cases['lamp'].reference}")
    hall.publisher.away = True
    await page.locator("#text").fill("Bonjour, nous passons demain.")
    await page.get_by_role("button", name="Envoyer la réponse").click()
    await expect(page.get_by_role("alert")).to_contain_text("Pas encore pris en compte")
    hall.publisher.away = False
    await expect(page.locator("#text")).to_have_value("Bonjour, nous passons demain.")
    await page.get_by_role("button", name="Envoyer la réponse").dblclick()
    await expect(page.get_by_role("status")).to_contain_text("Réponse prise en compte")
    assert len({command.event_id for command in hall.publisher.on(CASE_COMMANDS)}) == 1


async def test_everything_works_without_scripts(browser: Browser, address: str, hall: TownHall, cases):
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page)
    await page.locator(f"#a-{cases['hole'].reference}").click()
    await page.get_by_text("Transmettre à un autre service").click()
    await page.locator("#department").select_option("ccas")
    await page.locator("#reason").fill("Relève de l’action sociale")
    await page.get_by_role("button", name="Transmettre", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Transmission prise en compte")
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_is_accessible_and_fits(browser: Browser, address: str, hall: TownHall, cases, size):
    width, height = SIZES[size]
    context = await browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        bypass_csp=True,  # axe comes from outside
    )
    page = await context.new_page()
    await page.goto("/connexion")
    await look(page, "connexion", size, width)
    await sign_in(page)
    await look(page, "demandes", size, width)
    for name in ("hole", "shared", "machine", "closed", "social"):
        await page.goto(f"/demandes/{cases[name].reference}")
        for summary in await page.locator("summary").all():
            await summary.click()
        await look(page, name, size, width)
    await page.goto(f"/demandes/{cases['lamp'].reference}?langue=en")
    await page.locator("form[action$=reponse]").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(page.get_by_role("alert")).to_contain_text("To be corrected")
    await look(page, "errors", size, width)


async def look(page: Page, name: str, size: str, width: int) -> None:
    if folder := os.environ.get("GUICHET_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"desk-{name}-{size}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {size}"
    await page.evaluate(AXE)
    rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
    found = await page.evaluate(f"axe.run(document, {{runOnly: {rules}}})")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []


async def test_the_keyboard_reaches_the_content_first(page: Page):
    await page.goto("/demandes")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#contenu")).to_be_focused()
