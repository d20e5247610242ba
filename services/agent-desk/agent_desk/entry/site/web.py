"""The desk's site: its pages over the ports that they are given."""

from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.destination import reason_against
from agent_desk.domain.cases.folded import fold
from agent_desk.domain.clocks.clocks_shown import CLOCK_WORDS
from agent_desk.domain.places.draw_place import drawing_on
from agent_desk.domain.work.mentions import note_parts
from agent_desk.domain.work.reached_day import reached_day
from agent_desk.entry.bulk_pages import bulk_routes
from agent_desk.entry.clicks import Clicks
from agent_desk.entry.error_pages import add_desk_error_pages
from agent_desk.entry.in_place import SameVersion
from agent_desk.entry.preference_pages import PreferencePages, preference_routes
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.bulk import bulk_pages
from agent_desk.entry.site.by_hand import routes_by_hand
from agent_desk.entry.site.case_routes import case_part_routes
from agent_desk.entry.site.cases import CasePart
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.site.sign_in import routes_to_sign_in, sign_in_of
from agent_desk.entry.site.staff import routes_of_staff
from agent_desk.handlers.live.refresh_queue import RefreshQueue
from agent_desk.handlers.sign_in.limit_tries import sign_in_limits
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.work.news_board import NewsBoard
from agent_desk.handlers.work.page_bar import PageBar
from guichet.runtime.web import web_app
from guichet.store.messages.suspended import COUNTED_UP_TO
from guichet.town.provider_accounts import channels_carried
from guichet.web.security_headers import SecurityHeaders
from guichet.web.static_files import serve_static
from guichet.web.templates import Templates

HERE = Path(__file__).parents[2]


def build_web(choices: Choices, ports: Ports) -> FastAPI:
    """Put the desk's pages together."""
    limits = sign_in_limits(tries=ports.tries, places=ports.places, key=choices.session_key)
    staff = StaffDirectory(town=choices.town, entries=ports.staff, clock=ports.clock)
    sign_in = sign_in_of(choices, ports, staff, limits)
    gate = SessionGate(
        sign_in=sign_in,
        templates=Templates(
            HERE,
            town_name=choices.town.name,
            demonstration=choices.town.demonstration,
            channels=choices.town.facts,
            carried=channels_carried(choices.town),
            reason_against=partial(reason_against, town=choices.town),
            most_suspended=COUNTED_UP_TO,
            fold=fold,
            note_parts=note_parts,
            **CLOCK_WORDS,
            reached_day=reached_day,
            plan=drawing_on(choices.town_map),
            provider=choices.provider.label if choices.provider else None,
            help=choices.provider.help if choices.provider else None,
        ),
        probing=ports.probing,
        bar=PageBar(ports.preferences, NewsBoard(ports.news, ports.cases, ports.clock), ports.suspended),
        key=choices.session_key,
        secure=choices.secure,
        second_factor_required=choices.second_factor_required,
        clock=ports.clock,
    )
    part = CasePart(gate, staff, choices, ports)
    return _site(
        gate,
        part.refreshes,
        *routes_to_sign_in(gate, sign_in, staff, limits, choices, ports),
        *case_part_routes(part),
        bulk_routes(bulk_pages(part)),
        *routes_by_hand(gate, choices, ports, part.citizens, part.cases),
        preference_routes(
            PreferencePages(
                gate=gate, preferences=ports.preferences, clock=gate.clock, urgent=bool(choices.town.urgent)
            )
        ),
        *routes_of_staff(gate, sign_in, staff, choices, ports),
    )


def _site(gate: SessionGate, refreshes: RefreshQueue, *routes: APIRouter) -> FastAPI:
    web = web_app()
    web.add_middleware(Clicks, refreshes=refreshes)
    web.add_middleware(SameVersion, version=gate.templates.version)
    web.add_middleware(SecurityHeaders)
    serve_static(web, HERE)
    for router in routes:
        # As the site's own: FastAPI looks twice through a router that is included, at each request, and reads what each
        # of its routes takes once more when the first comes.
        web.router.routes.extend(router.routes)

    @web.get("/")
    async def home() -> RedirectResponse:
        return RedirectResponse("/demandes", 303)

    add_desk_error_pages(web, gate)
    return web
