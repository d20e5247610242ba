"""The composition root: every part of the sandbox is chosen and joined here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from citizen_sandbox.play.broken import broken_tile
from citizen_sandbox.play.courier import Courier
from citizen_sandbox.play.journal import Journal
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.people import load_people
from citizen_sandbox.play.settings import TileSettings, explain, read_settings
from citizen_sandbox.play.tile import Kit, Listener, Tile
from citizen_sandbox.settings import SandboxSettings
from citizen_sandbox.web.api import build_api
from citizen_sandbox.web.faults import TellFaults
from citizen_sandbox.web.pages import build_pages
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.requests_seen import NoteRequests, RequestsSeen
from citizen_sandbox.web.seat import Seat

Chosen = tuple[Tile[Any], TileSettings]


@dataclass(frozen=True)
class Sandbox:
    """What `__main__` serves: the web application, and the ports on which tiles listen besides."""

    web: FastAPI
    listeners: Sequence[Listener]


class SettingsError(Exception):
    """Tiles lack settings; one line each."""


def choose(tiles: Sequence[Tile[Any]], environment: Mapping[str, str]) -> list[Chosen]:
    """Return each tile at play with its settings. Raises SettingsError naming every one that is missing or wrong."""
    chosen, lines = list[Chosen](), list[str]()
    for tile in tiles:
        try:
            if tile.plays(environment):
                chosen.append((tile, read_settings(tile.settings, environment, tile.variable)))
        except ValidationError as exc:
            lines += explain(exc, tile.variable)
        except Exception as exc:
            chosen.append((broken_tile(tile.key, exc), TileSettings()))
    if lines:
        raise SettingsError("\n".join(lines))
    return chosen


def build_sandbox(settings: SandboxSettings, chosen: Sequence[Chosen]) -> Sandbox:
    """Join the parts. Nothing listens or connects before the caller serves them."""
    journal, misbehaviour = Journal(settings.sandbox_kept_messages), Misbehaviour()
    courier = Courier(journal, settings.sandbox_first_retry)
    http = _towards_the_town()
    people = load_people(settings.sandbox_citizens)

    def kit() -> Kit:
        return Kit(
            people=people,
            journal=journal,
            courier=courier,
            misbehaviour=misbehaviour,
            http=http,
            own_url=settings.own_url,
            kept_messages=settings.sandbox_kept_messages,
        )

    seats = [_seat(tile, own, kit()) for tile, own in chosen]
    seats.sort(key=lambda seat: seat.play.is_wide)  # those last, where they fill a row
    web = _build_web(courier, http)
    _add_routes(web, Playground(people, journal, misbehaviour, courier, tuple(seats)))
    return Sandbox(web, [listener for seat in seats for listener in seat.play.listeners])


def _towards_the_town() -> httpx.AsyncClient:
    """Return a client that no proxy of the machine stands before.

    It keeps no connection: the next message would be lost on one that its door is just closing, and a provider that
    tries a webhook only once would count it as refused.
    """
    return httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def _seat(tile: Tile[Any], settings: TileSettings, kit: Kit) -> Seat:
    """Open the tile; in the place of one that cannot be opened stands the reason."""
    try:
        play = tile.open(settings, kit)
        for each in ("form", "list_id", "listeners", "routers", "error_handlers"):
            getattr(play, each)  # what its author forgot is missed now
        return Seat(tile, play)
    except Exception as exc:
        broken = broken_tile(tile.key, exc)
        return Seat(broken, broken.open(TileSettings(), kit))


def _add_routes(web: FastAPI, playground: Playground) -> None:
    seen = RequestsSeen(tuple(path for seat in playground.seats for path in seat.tile.provider_paths))
    web.add_middleware(TellFaults, seats=playground.seats)
    web.add_middleware(NoteRequests, seen=seen)
    for seat in playground.seats:
        for router in seat.play.routers:
            web.include_router(router)
        for error, answer in seat.play.error_handlers.items():
            web.add_exception_handler(error, answer)
    web.include_router(build_api(playground, seen))
    build_pages(web, playground)


def _build_web(courier: Courier, http: httpx.AsyncClient) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_web: FastAPI) -> AsyncIterator[None]:
        yield
        await courier.stop()
        await http.aclose()

    # its documentation pages fetch scripts from elsewhere; README.md has the routes
    return FastAPI(openapi_url=None, lifespan=lifespan)


def build_health() -> Starlette:
    """Say that the sandbox serves, on a port that plays no part in the game. It has no part that could be away."""

    async def well(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/health/live", well), Route("/health/ready", well)])
