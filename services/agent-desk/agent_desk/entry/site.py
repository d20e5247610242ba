"""The desk's pages, put together."""

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from agent_desk.entry.error_pages import add_refusal_pages
from agent_desk.entry.session_gate import Door
from guichet.runtime.web import web_app
from guichet.web.security_headers import SecurityHeaders

HERE = Path(__file__).parents[1]


def build_pages(door: Door, *routes: APIRouter) -> FastAPI:
    """Return the web app of the desk."""
    web = web_app()
    web.add_middleware(SecurityHeaders)
    web.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in routes:
        web.include_router(router)

    @web.get("/")
    async def home() -> RedirectResponse:
        return RedirectResponse("/demandes", 303)

    add_refusal_pages(web, door)
    return web
