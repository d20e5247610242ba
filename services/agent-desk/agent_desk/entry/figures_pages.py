"""The figures of a department, for who heads it: a page and a file."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from agent_desk.domain.figures.day_by_day import week_by_week
from agent_desk.domain.figures.draw_bars import Bar, draw_bars
from agent_desk.domain.figures.draw_days import draw_days
from agent_desk.domain.figures.figures_file import file_of
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.figures.read_figures import FigureReader
from guichet.law.calendar import paris_date
from guichet.store.audit.trail import Act
from guichet.store.cases.reader import OPEN_AT_ONCE
from guichet.town.town import Town

HERE: Final = "/mon-service"
FILE: Final = f"{HERE}/chiffres.csv"


@dataclass(frozen=True)
class FiguresPages:
    """Shows figures. Everything shown comes from FigureReader, hence of what the visitor heads, and noted."""

    gate: SessionGate
    figures: FigureReader
    town: Town

    async def page(self, request: Request, service: str = "") -> Response:
        """Return the page. service: of one department; blank: of all."""
        visitor = await self.gate.visitor(request)
        figures = await self.figures.read(visitor, service)
        return self.gate.page(
            request,
            "figures.html",
            visitor=visitor,
            here=HERE,
            file=FILE,
            figures=figures,
            days=(days := figures.shown_days),
            weeks=week_by_week(days),
            departments=self.town.departments,
            agents=visitor.colleagues,
            bar=Bar,
            draw_bars=draw_bars,
            draw_days=draw_days,
            most=OPEN_AT_ONCE,
        )

    async def file(self, request: Request, service: str = "") -> Response:
        """Return the same as a file."""
        visitor = await self.gate.visitor(request)
        figures = await self.figures.read(visitor, service, Act.FIGURES_EXPORTED)
        name = f"chiffres-{paris_date(figures.at)}.csv"
        return Response(
            file_of(figures, self.town.departments, visitor.colleagues),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def figures_routes(pages: FiguresPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(FILE, pages.file)
    return routes
