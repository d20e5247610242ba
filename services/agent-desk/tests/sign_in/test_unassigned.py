"""An agent with an account and no assignment today: told so once signed in, shown nothing, and let out."""

from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, expect

from agent_desk.entry.sign_in_pages import our_page
from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.ids import AgentId
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.doors.desk_in_browser import SIZES
from guichet_testing.doors.desk_in_browser import sign_in as sign_in_there
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import address_of, assert_clean_at, served

KARIM = AgentId("agent-12")
SAID = "Aucun poste ne vous est attribué aujourd’hui"


async def assign(hall: TownHall, **days: int) -> None:
    """Let Karim's work start or end so many days from now."""
    today = hall.clock.now.date()
    moved = {name: today + timedelta(days=each) for name, each in days.items()}
    karim = hall.town.agent(KARIM).model_copy(update=moved)
    await hall.staff.put(entry_of(Overlay(StaffKind.AGENT, KARIM, karim), at=hall.clock.now, by=None), over=None)


def form_of(page: httpx.Response) -> str:
    return page.text.split('name="form_token" value="')[1].split('"')[0]


@pytest.mark.parametrize("days", [{"ends": -1}, {"starts": 3}])
async def test_who_signs_in_is_told_in_one_page_and_signs_out_there(hall, sign_in, cases, days):
    await assign(hall, **days)
    browser = await sign_in("karim.haddad")
    page = await browser.get(our_page(""))
    assert (page.status_code, SAID in page.text) == (403, True)
    assert "Karim Haddad" in page.text
    assert ("Votre poste commence le 27 novembre 2026." in page.text) == ("starts" in days)
    assert not [case.reference for case in cases.values() if case.reference in page.text]
    assert "You have no post today" in (await browser.get("/demandes?langue=en")).text
    out = await browser.post("/deconnexion", data={"form_token": form_of(page)})
    assert out.headers["location"] == "/connexion"
    assert (await browser.get("/demandes")).headers["location"] == "/connexion?vers=/demandes"
    assert hall.audit.entries[-1].act is Act.SIGNED_OUT


@pytest.mark.parametrize("path", ["/demandes/{}", "/saisie", "/administration/agents", "/mot-de-passe", "/demandes"])
async def test_every_page_says_the_same_and_no_case_is_asked_for(hall, sign_in, cases, path):
    await assign(hall, ends=-1)
    browser = await sign_in("karim.haddad")
    before = len(hall.audit.entries)
    page = await browser.get(path.format(cases["hole"].reference))
    assert (page.status_code, SAID in page.text) == (403, True)
    assert '<nav class="places"' not in page.text
    assert 'action="/recherche"' not in page.text
    assert len(hall.audit.entries) == before


async def test_whose_work_ends_while_they_write_keeps_their_words_and_hears_nothing_more(hall, karim, cases):
    address = f"/demandes/{cases['hole'].reference}"
    sent = {"form_token": form_of(await karim.get(address)), "text": "C’est réparé depuis hier."}
    await assign(hall, ends=-1)
    hall.clock.now += OLDEST
    answer = await karim.post(f"{address}/reponse", data=sent)
    assert (answer.status_code, SAID in answer.text, sent["text"] in answer.text) == (403, True, True)
    part = await karim.get(f"{address}/fil", headers={"HX-Request": "true"})
    assert (part.status_code, "reste sur cette page" in part.text) == (401, True)
    stream = await karim.get(f"{address}/direct", headers={"accept": "text/event-stream"})
    assert stream.status_code == 401


async def test_the_page_is_clean_and_its_button_leads_out(chromium: Browser, hall):
    await assign(hall, starts=3)
    async with served(hall.web()) as server:
        page = await chromium.new_page(base_url=address_of(server), bypass_csp=True)
        await sign_in_there(page, "karim.haddad")
        await assert_clean_at(page, "unassigned", SIZES)
        await page.get_by_role("button", name="Se déconnecter").click()
        await expect(page.locator("h1")).to_have_text("Connexion des agents")
        await page.close()
