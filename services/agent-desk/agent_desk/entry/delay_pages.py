"""Which delays a department met, for who heads it: a page and a file."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from agent_desk.domain.figures.delays_file import file_of
from agent_desk.domain.figures.draw_bars import Bar, draw_bars
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.figures.read_delays import DelayReader
from guichet.law.calendar import paris_date
from guichet.law.clocks.in_words import kind_in_words
from guichet.store.audit.trail import Act
from guichet.town.town import Town

HERE: Final = "/mon-service/delais"
FILE: Final = f"{HERE}/delais.csv"


@dataclass(frozen=True)
class DelayPages:
    """Shows how clocks ended. Everything shown comes from DelayReader, hence of what the visitor heads, and noted."""

    gate: SessionGate
    delays: DelayReader
    town: Town

    async def page(self, request: Request, service: str = "", mois: str = "") -> Response:
        """Return the page. service: of one department; blank: of all. mois: as 2026-03; blank: this one."""
        visitor = await self.gate.visitor(request)
        delays = await self.delays.read(visitor, service, mois)
        return self.gate.page(
            request,
            "delays.html",
            visitor=visitor,
            here=HERE,
            file=FILE,
            delays=delays,
            departments=self.town.departments,
            kind_in_words=kind_in_words,
            bar=Bar,
            draw_bars=draw_bars,
        )

    async def file(self, request: Request, service: str = "") -> Response:
        """Return all months that are shown as a file."""
        visitor = await self.gate.visitor(request)
        delays = await self.delays.read(visitor, service, "", Act.FIGURES_EXPORTED)
        return Response(
            file_of(delays, self.town.departments),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="delais-{paris_date(delays.at)}.csv"'},
        )


def delay_routes(pages: DelayPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(FILE, pages.file)
    return routes
