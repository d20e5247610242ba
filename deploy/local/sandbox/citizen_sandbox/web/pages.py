"""The page on which one plays the citizens: telephone, chat and mailbox side by side."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from sse_starlette import EventSourceResponse

from citizen_sandbox.mail.copies import copies
from citizen_sandbox.mail.letter import quote, reply_address, reply_subject
from citizen_sandbox.mail.results import Proof
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.misbehaviour import Order
from citizen_sandbox.web import words
from citizen_sandbox.web.api import existing_trouble
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.send import send_mail, send_sms, send_telegram
from citizen_sandbox.web.wishes import FileWish, MailWish, SmsWish, TelegramWish

HERE = Path(__file__).parent
PHONE = frozenset({"sms", "whatsapp"})
STRANGERS = "inconnus"  # the place of whatever reaches nobody in the file

# Received texts are shown as text; should one ever be taken for more, the browser runs nothing of it.
CONTENT_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

Files = Annotated[list[UploadFile] | None, File()]
Text = Annotated[str, Form()]
SentByScript = Annotated[str, Header(alias="X-Requested-With")]


def build_pages(web: FastAPI, playground: Playground) -> None:
    """Add the page, its stylesheet and script, and what its forms post to."""
    templates = Jinja2Templates(directory=HERE / "templates")
    templates.env.filters |= {"clock": words.clock, "day": words.day, "size": words.size}
    templates.env.globals |= {"proof_words": words.PROOFS, "state_words": words.STATES, "trouble_words": words.TROUBLES}
    web.mount("/static", StaticFiles(directory=HERE / "static"))
    pages = APIRouter()
    _add_views(pages, playground, templates)
    _add_forms(pages, playground)
    _add_trouble_forms(pages, playground)
    web.include_router(pages)


def _add_views(pages: APIRouter, playground: Playground, templates: Jinja2Templates) -> None:
    def render(request: Request, template: str, player: str, reply: int | None = None) -> Response:
        context = _context(playground, player) | _reply(playground, reply)
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
        return EventSourceResponse(_events(playground, _wanted(playground, player)))


def _add_forms(pages: APIRouter, playground: Playground) -> None:
    @pages.post("/jouer/{player}/sms")
    async def sms(
        player: str, by: SentByScript = "", text: Text = "", channel: Text = "sms", files: Files = None
    ) -> Response:
        is_whatsapp = channel == "whatsapp"
        wish = SmsWish(citizen=player, text=text, whatsapp=is_whatsapp, files=await _wishes(files))
        await send_sms(playground, wish)
        return _done(player, by)

    @pages.post("/jouer/{player}/telegram")
    async def telegram(player: str, by: SentByScript = "", text: Text = "", files: Files = None) -> Response:
        wish = TelegramWish(citizen=player, text=text, files=await _wishes(files))
        await send_telegram(playground, wish)
        return _done(player, by)

    @pages.post("/jouer/{player}/mail")
    async def mail(  # noqa: PLR0913, PLR0917 - a mail has that many parts
        player: str,
        to: Text,
        by: SentByScript = "",
        subject: Text = "",
        text: Text = "",
        reply_to: Annotated[int | None, Form()] = None,
        answers_to: Text = "",
        proof: Annotated[Proof, Form()] = Proof.PASS,
        files: Files = None,
    ) -> Response:
        wish = MailWish(
            citizen=player,
            to=[to],
            subject=subject,
            text=text,
            reply_to=reply_to,
            headers={"Reply-To": answers_to.strip()} if answers_to.strip() else {},
            proof=proof,
            files=await _wishes(files),
        )
        await send_mail(playground, wish)
        return _done(player, by)


def _add_trouble_forms(pages: APIRouter, playground: Playground) -> None:
    @pages.post("/jouer/{player}/incident")
    async def trouble(
        player: str,
        trouble: Annotated[str, Form()],
        count: Annotated[int, Form(ge=0, le=1000)] = 1,
        retry_after: Annotated[int, Form(ge=1, le=3600)] = 5,
    ) -> Response:
        playground.misbehaviour.ask(existing_trouble(trouble), Order(count, retry_after))
        return _done(player)

    @pages.post("/jouer/{player}/calme")
    async def behave(player: str) -> Response:
        playground.misbehaviour.clear()
        return _done(player)

    @pages.post("/jouer/{player}/vider")
    async def empty(player: str) -> Response:
        await playground.reset()
        return _done(player)


def _wanted(playground: Playground, player: str) -> Wanted:
    if player == STRANGERS:
        return playground.of_strangers()
    return Wanted(addresses=playground.existing_citizen(player).addresses)


def _context(playground: Playground, player: str) -> dict[str, Any]:
    entries = playground.journal.entries(_wanted(playground, player))
    mail = [entry for entry in reversed(entries) if entry.channel == "mail"]
    return {
        "player": player,
        "citizen": playground.people.find(player),
        "citizens": playground.people.citizens,
        "strangers": STRANGERS,
        "mailboxes": playground.people.mailboxes,
        "town_number": playground.account.number,
        "whatsapp_number": playground.account.whatsapp_number,
        "bot_name": playground.bot.user["username"],
        "phone": [entry for entry in entries if entry.channel in PHONE],
        "chat": [entry for entry in entries if entry.channel == "telegram"],
        "mail": mail,
        "copies": copies(mail),
        "remaining": playground.misbehaviour.remaining(),
    }


def _reply(playground: Playground, number: int | None) -> dict[str, Any]:
    answered = playground.journal.find(number) if number is not None else None
    if answered is None:
        return {"answered": None}
    return {
        "answered": answered,
        "reply_to": reply_address(answered),
        "reply_subject": reply_subject(answered.subject),
        "reply_text": quote(answered),
    }


async def _events(playground: Playground, wanted: Wanted) -> AsyncIterator[dict[str, str]]:
    """Tell the page that it is out of date; what changed, it fetches itself."""
    async for entry in playground.journal.changes():
        if wanted.has(entry):
            yield {"data": str(entry.id)}


async def _wishes(files: list[UploadFile] | None) -> list[FileWish]:
    return [
        FileWish(
            name=file.filename,
            media_type=file.content_type or "application/octet-stream",
            content_base64=base64.b64encode(await file.read()).decode(),
        )
        for file in files or []
        if file.filename  # a form without a file sends one without a name
    ]


def _done(player: str, sent_by_script: str = "") -> Response:
    if sent_by_script:
        return Response(status_code=204)
    return RedirectResponse(f"/jouer/{player}", status_code=303)
