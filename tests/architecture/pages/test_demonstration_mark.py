"""Every page of a demonstration says in words that it is one: what is a page of its own stands in one frame."""

import re
from dataclasses import replace
from typing import Final

import httpx
import pytest
from fastapi import FastAPI

from guichet.town.town import Town
from guichet.web.templates import Templates
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.portal_on_twins import Counter
from ops_console.app import build_web
from ops_console.handlers.board import Board
from ops_console.settings import OpsConsoleSettings
from tests.architecture.pages.citations import ROOT

SERVICES: Final = {
    "agent-desk/agent_desk": "Démonstration\xa0: ces personnes et ces messages sont inventés",
    "ops-console/ops_console": "Démonstration\xa0: ces personnes et ces messages sont inventés",
    "citizen-portal/citizen_portal": "Démonstration\xa0: cette mairie est inventée",
}


@pytest.mark.parametrize("service", SERVICES)
def test_the_frame_alone_begins_a_page(service: str) -> None:
    templates = ROOT / "services" / service / "templates"
    begin = {path.name for path in templates.rglob("*.html") if "<html" in path.read_text("utf-8")}
    assert begin == {"base.html"}
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "services" / service).rglob("*.py"))
    assert not re.search(r"<html|<!doctype", code, re.IGNORECASE), "no page is written elsewhere"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("demonstration", [True, False])
@pytest.mark.parametrize(("language", "word"), [("fr", "Démonstration"), ("en", "Demonstration")])
def test_the_frame_says_it_in_a_demonstration_alone(
    service: str, language: str, word: str, *, demonstration: bool
) -> None:
    town = replace(the_example_town(), demonstration=demonstration)
    here = ROOT / "services" / service
    templates = Templates(here, town=town, town_name=town.name, demonstration=demonstration, channels=FACTS)
    page = templates.render("base.html", language, visitor=None, path="/")
    assert (f'<p class="demonstration">{word}' in page) is demonstration
    assert 'class="demonstration"' in (here / "templates" / "base.html").read_text("utf-8")


def console_of(town: Town) -> FastAPI:
    return build_web(OpsConsoleSettings(town="/tmp"), town, Board())  # type: ignore[arg-type]


WEBS: Final = {
    "agent-desk": (lambda town: TownHall(town=town).web(), "/connexion"),
    "ops-console": (console_of, "/"),
    "citizen-portal": (lambda town: Counter(town=town).web(), "/"),
}


@pytest.mark.parametrize("service", WEBS)
@pytest.mark.parametrize("demonstration", [True, False])
async def test_what_puts_a_services_pages_together_tells_the_frame(service: str, *, demonstration: bool) -> None:
    web, path = WEBS[service]
    transport = httpx.ASGITransport(web(replace(the_example_town(), demonstration=demonstration)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        page = await http.get(path, follow_redirects=True)
    assert page.status_code < 500
    assert "<main" in page.text
    assert ('<p class="demonstration">' in page.text) is demonstration
