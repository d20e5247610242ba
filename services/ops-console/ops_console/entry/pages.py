"""The console's pages: one live board, the handbook, and the overview as JSON."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.middleware.trustedhost import TrustedHostMiddleware

from guichet.contracts.channels import KnownChannels
from guichet.runtime.overview import Overview
from guichet.runtime.web import web_app
from guichet.web.security_headers import SecurityHeaders
from guichet.web.static_files import serve_static
from guichet.web.templates import Templates, language_of
from ops_console.domain import figures
from ops_console.domain.alarms.alarm_words import entry_of, shown_cause, words_of
from ops_console.domain.figures import figures_of, seconds_since, sparkline
from ops_console.handlers.board import Board
from ops_console.handlers.read_handbook import Handbook

HERE: Final = Path(__file__).parents[1]
STARTING: Final = "The console is taking its first look; ask again in a moment."


def build_templates(town: str, channels: KnownChannels, *, demonstration: bool = False) -> Templates:
    """Return the console's templates. town: its name."""
    return Templates(
        HERE,
        town_name=town,
        demonstration=demonstration,
        channels=channels,
        words_of=words_of,
        entry_of=entry_of,
        shown_cause=shown_cause,
        sparkline=sparkline,
        seconds_since=seconds_since,
        figures=figures,
    )


def build_pages(board: Board, templates: Templates, handbook: Handbook | None, *, hosts: list[str]) -> FastAPI:
    """Return the web app. hosts: the names under which it may be asked for: a foreign page must not borrow a browser
    (DNS rebinding)."""
    web = web_app()
    web.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    web.add_middleware(SecurityHeaders)
    serve_static(web, HERE)

    @web.get("/")
    async def live_board(request: Request) -> Response:
        return templates.page(request, "board.html", **board_values(board.overview))

    @web.get("/direct")
    async def stream(request: Request) -> EventSourceResponse:
        return EventSourceResponse(_boards(board, templates, language_of(request)))

    @web.get("/consignes")
    async def operations_handbook(request: Request) -> Response:
        return templates.page(request, "handbook.html", handbook=handbook)

    @web.get("/api/overview", response_model=None)
    async def overview() -> JSONResponse:
        found = board.overview
        return JSONResponse(found.model_dump(mode="json")) if found else JSONResponse({"error": STARTING}, 503)

    return web


async def _boards(board: Board, templates: Templates, language: str) -> AsyncIterator[ServerSentEvent]:
    async for overview in board.changes():
        yield ServerSentEvent(
            event="tableau", data=templates.render("board_live.html", language, **board_values(overview))
        )


def board_values(overview: Overview | None) -> dict[str, Any]:
    """Return what the board's templates name."""
    return {"overview": overview, "total": figures_of(overview) if overview else None}
