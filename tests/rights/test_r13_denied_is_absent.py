"""R13 (docs/law.md 55): to an agent of one sector another sector's case does not exist, whatever way they ask."""

import re

import pytest

from agent_desk.handlers.live import live_streams
from guichet.contracts.case_events import CaseState
from guichet.law.calendar import paris_date
from tests.rights.route_rules import RULES
from tests.rights.test_every_route import an_event, at_desk, until_signed_out
from tests.rights.town_hall import World, a_world

ELSEWHERE = ("other-sector", "sensitive", "moved")


@pytest.fixture(autouse=True)
def _quick(quick_passwords: None) -> None:
    """Everybody signs in."""


@pytest.fixture
async def world() -> World:
    return await a_world()


async def test_r13_another_sectors_case_is_as_one_that_does_not_exist(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its address, by the search, in lists of every state, in the file, in numbers, in what an open list says."""
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.01)
    async with at_desk(world, "karim.haddad") as desk:
        route = "GET /demandes/{reference}"  # to which a search for a whole reference leads, whatever there is
        nothing, by = await desk.ask(route, RULES[route], None)
        for kind in ELSEWHERE:
            hidden, calls = await desk.ask(route, RULES[route], world.cases[kind])
            assert (hidden.status_code, hidden.text, calls) == (404, nothing.text, by)
        lists = [
            f"/demandes{part}?etat={state}" for part in ("", "/liste", "/export.csv") for state in ("open", *CaseState)
        ]
        text = "".join([(await desk.browser.get(address)).text for address in lists])
        position = world.hall.feed.position
        for kind in ELSEWHERE:
            world.hall.feed.put(an_event(world.cases[kind]))
        told = await until_signed_out(desk, f"/demandes/direct?vu={position}")
        assert not [kind for kind in ELSEWHERE if world.cases[kind].case.reference in text + told]
        assert "changed" not in told
        assert {*re.findall(r'id="n-open"[^>]*>(\d+)<', text)} == {"3"}


async def test_r13_a_synthesis_is_procedure_day_state_and_department_and_of_no_sensitive_sector(world: World) -> None:
    shown = world.cases["other-sector"]
    async with at_desk(world, "in-synthesis") as desk:
        page = (await desk.browser.get(f"/demandes/{shown.case.reference}")).text
        main = re.sub(r"<[^>]+>|\s+", " ", page.partition("<main")[2].partition("</main>")[0])
        day = f"{paris_date(shown.case.received_at):%d/%m/%Y}"
        words = re.sub(r"\s+", " ", main.partition("Votre profil")[0].partition("Demandes")[2]).strip()
        assert words == f"{shown.case.reference} Démarche non précisée Reçue État civil et élections Reçue le {day}"
        rows = (await desk.browser.get("/demandes")).text
        assert not [kind for kind in ("sensitive", "moved") if world.cases[kind].case.reference in rows]
        assert re.findall(r'id="n-open"[^>]*>(\d+)<', rows) == ["5"]
