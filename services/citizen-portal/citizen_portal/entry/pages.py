"""The portal's pages: the form, what follows it, the follow page, the notices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from citizen_portal.domain.contact_form import FILE_BYTES, MOST_FILES, ContactForm, read_contact_form
from citizen_portal.domain.form_mark import is_valid, new_mark
from citizen_portal.entry.read_form import UnreadableFormError, read_form
from citizen_portal.handlers.accept_form import accept_form
from citizen_portal.handlers.follow_case import FollowLinks
from citizen_portal.handlers.note_readings import FollowAudit
from citizen_portal.handlers.open_file import AnswerFiles
from guichet.channel.edge import Edge
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import INBOUND_PORTAL
from guichet.errors import TransientError
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.runtime.web import web_app
from guichet.town.town import Town
from guichet.web.downloads import as_download
from guichet.web.error_pages import add_error_pages
from guichet.web.forms import address_of
from guichet.web.security_headers import SecurityHeaders
from guichet.web.static_files import serve_static
from guichet.web.templates import Templates
from guichet.web.throttle import Throttle

log = structlog.get_logger()
HERE: Final = Path(__file__).parents[1]
FORMS_PER_ADDRESS: Final = 20  # in WINDOW; a library or a town hall has one address for many people
WINDOW: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Portal:
    """What the pages need. probing: hears of forms that are not ours. key: of the forms' marks."""

    town: Town
    templates: Templates
    edge: Edge
    follow_links: FollowLinks
    follow_audit: FollowAudit
    files: AnswerFiles
    probing: Probing
    throttle: Throttle
    key: bytes
    message_id_key: bytes
    clock: Callable[[], datetime]

    @property
    def form_channel(self) -> ChannelName | None:
        """Return the channel that the form is; None where the town has not switched it on: then there is no form."""
        return next(iter(self.town.channels_onto(INBOUND_PORTAL.name)), None)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a rendered page in the reader's language."""
        return self.templates.page(request, template, status, **values)

    def form(
        self,
        request: Request,
        form: ContactForm,
        mark: str | None = None,
        status: int = 200,
        problem: str | None = None,
    ) -> HTMLResponse:
        """Return the form page with what was typed."""
        if self.form_channel is None:
            return self.page(request, "not_found.html", 404)
        shown = mark or new_mark(self.key, self.clock())
        errors = form.errors if status == 422 else {}
        return self.page(
            request,
            "form.html",
            status,
            form=form,
            mark=shown,
            errors=errors,
            problem=problem,
            most_files=MOST_FILES,
            file_mib=FILE_BYTES // 1024 // 1024,
        )

    async def receive(self, request: Request) -> Response:
        """Take a form: thanked only after the broker has confirmed; otherwise what was typed comes back."""
        if (channel := self.form_channel) is None:
            return self.page(request, "not_found.html", 404)
        try:
            fields, files = await read_form(request)
        except UnreadableFormError as exc:
            return self.page(request, "unreadable.html", exc.status, code=exc.status)
        now, form, mark = self.clock(), read_contact_form(fields, files), fields.get("mark", "")
        if not is_valid(self.key, mark, now):
            self.probing.note(Refusal.FORM)
            return self.form(request, form, status=409, problem="stale")
        if form.errors:
            return self.form(request, form, mark, 422)
        address = address_of(request)
        if self.throttle.pause(address, now) is not None:
            return self.form(request, form, mark, 429, "too-many")
        self.throttle.count(address, now)
        try:
            await accept_form(
                form,
                mark,
                now,
                edge=self.edge,
                message_id_key=self.message_id_key,
                channel=channel,
                account=self.town.main_mailbox,
            )
        except TransientError as exc:
            log.warning("form not accepted for now", error=str(exc))
            return self.form(request, form, mark, 503, "away")
        return RedirectResponse("/merci", 303)

    async def follow(self, request: Request, token: str) -> Response:
        """Show where a case stands, to whoever holds its link."""
        followed = await self.follow_links.open(token)
        if followed is None:
            await self.follow_audit.note_lost(address_of(request))
            return self.page(request, "not_found.html", 404)
        if not await self.follow_audit.note_reading(followed):
            return self.page(request, "too_often.html", 429)
        if followed.page is None:
            template, status = ("withdrawn.html", 404) if followed.withdrawn else ("ended.html", 410)
            return self.page(request, template, status, mark=new_mark(self.key, self.clock()))
        return self.page(request, "follow.html", followed=followed.page, here=f"/suivi/{token}")

    async def file(self, request: Request, token: str, file_id: str) -> Response:
        """Give a file of an answer, to whoever holds the case's link: to be saved, and nothing of it runs."""
        followed = await self.follow_links.open(token)
        if followed is None or followed.page is None:
            return await self.follow(request, token)
        if not await self.follow_audit.note_reading(followed):
            return self.page(request, "too_often.html", 429)
        found = await self.files.open(followed.page, file_id)
        if found is None:
            return self.page(request, "not_found.html", 404)
        file, content = found
        return as_download(file.name, file.content_type, content)

    async def renew(self, request: Request, token: str) -> Response:
        """Ask for a new link. The page says the same whatever the token was: who is on record gets it, or nobody."""
        try:
            fields, _ = await read_form(request)
        except UnreadableFormError as exc:
            return self.page(request, "unreadable.html", exc.status, code=exc.status)
        now, mark, address = self.clock(), fields.get("mark", ""), address_of(request)
        if not is_valid(self.key, mark, now):
            self.probing.note(Refusal.FORM)
            return RedirectResponse(f"/suivi/{quote(token)}", 303)
        if self.throttle.pause(address, now) is not None:
            return self.page(request, "too_often.html", 429)
        self.throttle.count(address, now)
        await self.follow_links.ask_for_a_new_link(token)
        return self.page(request, "asked.html")


def build_pages(portal: Portal) -> FastAPI:
    """Return the web app of the portal."""
    web = web_app()
    web.add_middleware(SecurityHeaders)
    serve_static(web, HERE)
    web.add_api_route("/", portal.receive, methods=["POST"])
    web.add_api_route("/suivi/{token}", portal.follow, methods=["GET"])
    web.add_api_route("/suivi/{token}", portal.renew, methods=["POST"])
    web.add_api_route("/suivi/{token}/fichiers/{file_id}", portal.file, methods=["GET"])

    @web.get("/")
    async def form(request: Request) -> Response:
        return portal.form(request, ContactForm())

    for path, template in {
        "/merci": "thanks",
        "/confidentialite": "privacy",
        "/accessibilite": "accessibility",
    }.items():
        web.add_api_route(path, _static_page(portal, f"{template}.html"), methods=["GET"])
    add_error_pages(web, portal.page)
    return web


def _static_page(portal: Portal, template: str) -> Callable[[Request], Any]:
    async def show(request: Request) -> Response:
        return portal.page(request, template)

    return show
