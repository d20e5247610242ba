"""The page on which one plays the citizens: every tile side by side."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, Header, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from sse_starlette import EventSourceResponse
from starlette.datastructures import FormData, UploadFile

from citizen_sandbox.play.entry import Attachment
from citizen_sandbox.play.form import Written
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.misbehaviour import Order
from citizen_sandbox.play.tile import Sender
from citizen_sandbox.web import words
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.seat import Seat
from citizen_sandbox.web.view import View, wanted_by

HERE = Path(__file__).parent

# Received texts are shown as text; should one ever be taken for more, the browser runs nothing of it.
CONTENT_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

SentByScript = Annotated[str, Header(alias="X-Requested-With")]


def build_pages(web: FastAPI, playground: Playground) -> None:
    """Add the page, its stylesheet and script, and what its forms post to."""
    web.mount("/static", StaticFiles(directory=HERE / "static"))
    pages = APIRouter()
    _add_views(pages, playground, Jinja2Templates(env=_templates(playground)))
    for seat in playground.seats:
        _add_form(pages, playground, seat)
    _add_edit_form(pages, playground)
    _add_trouble_forms(pages, playground)
    web.include_router(pages)


def _templates(playground: Playground) -> Environment:
    folders = {seat.tile.key: seat.tile.templates for seat in playground.seats}
    own = PrefixLoader({key: FileSystemLoader(folder) for key, folder in folders.items() if folder})
    templates = Environment(loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), own]), autoescape=True)
    templates.filters |= {"clock": words.clock, "day": words.day, "size": words.size, "reference": words.reference}
    templates.globals |= {"state_words": words.STATES, "payload_words": words.PAYLOADS}
    return templates


def _add_views(pages: APIRouter, playground: Playground, templates: Jinja2Templates) -> None:
    def render(request: Request, template: str, player: str, reply: int | None = None) -> Response:
        answered = playground.journal.find(reply) if reply is not None else None
        context = View(playground, templates.env, player, answered).context()
        headers = {"Content-Security-Policy": CONTENT_POLICY}
        return templates.TemplateResponse(request, template, context, headers=headers)

    @pages.get("/")
    async def home() -> Response:
        return RedirectResponse(f"/jouer/{playground.people.citizens[0].id}")

    @pages.get("/jouer/{player}")
    async def page(request: Request, player: str, reply: int | None = None) -> Response:
        return render(request, "page.html", player, reply)

    @pages.get("/jouer/{player}/messages")
    async def messages(request: Request, player: str) -> Response:
        return render(request, "messages.html", player)

    @pages.get("/jouer/{player}/events")
    async def events(player: str) -> EventSourceResponse:
        return EventSourceResponse(_events(playground, wanted_by(playground, player)))


def _add_form(pages: APIRouter, playground: Playground, seat: Seat) -> None:
    @pages.post(f"/jouer/{{player}}/{seat.play.form.path}")
    async def write(request: Request, player: str, by: SentByScript = "") -> Response:
        citizen = playground.people.existing(player)
        sender = Sender(seat.address_of(citizen), citizen.name, citizen)
        await seat.write(sender, await _written(await request.form()))
        return _done(player, by)


def _add_edit_form(pages: APIRouter, playground: Playground) -> None:
    @pages.post("/jouer/{player}/messages/{number}")
    async def edit(player: str, number: int, text: Annotated[str, Form()], by: SentByScript = "") -> Response:
        entry = playground.existing_entry(number)
        await playground.seat_of(entry).edit(entry, text)
        return _done(player, by)


def _add_trouble_forms(pages: APIRouter, playground: Playground) -> None:
    @pages.post("/jouer/{player}/incident")
    async def trouble(
        player: str,
        trouble: Annotated[str, Form()],
        count: Annotated[int, Form(ge=0, le=1000)] = 1,
        retry_after: Annotated[int, Form(ge=1, le=3600)] = 5,
    ) -> Response:
        playground.order(trouble, Order(count, retry_after))
        return _done(player)

    @pages.post("/jouer/{player}/calme")
    async def behave(player: str) -> Response:
        playground.misbehaviour.clear()
        return _done(player)

    @pages.post("/jouer/{player}/vider")
    async def empty(player: str) -> Response:
        await playground.reset()
        return _done(player)


async def _events(playground: Playground, wanted: Wanted) -> AsyncIterator[dict[str, str]]:
    """Tell the page that it is out of date; what changed, it fetches itself."""
    async for entry in playground.journal.changes():
        if wanted.has(entry):
            yield {"data": str(entry.id)}


async def _written(form: FormData) -> Written:
    """Return what was filled in; a form without a file sends one without a name."""
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
    return Written(fields, [await _attachment(upload) for upload in uploads])


async def _attachment(upload: UploadFile) -> Attachment:
    return Attachment(
        name=upload.filename or "",
        media_type=upload.content_type or "application/octet-stream",
        content=await upload.read(),
    )


def _done(player: str, sent_by_script: str = "") -> Response:
    if sent_by_script:
        return Response(status_code=204)
    return RedirectResponse(f"/jouer/{player}", status_code=303)
