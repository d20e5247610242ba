"""Suspended mail: the list, one mail with its files, and the two decisions about it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import RefusedCommand, once_of
from agent_desk.domain.decisions.given_command import GivenCommand
from agent_desk.domain.decisions.mail_decision import RELEASED, SPAM
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.suspended.suspended_query import HERE, read_suspended_query
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.file_pages import given, nth_of
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.suspended.decide_mail import MailDecisions
from agent_desk.handlers.suspended.read_suspended import ScopedSuspendedMail
from guichet.errors import TransientError
from guichet.store.messages.suspended import SPAM_KEPT_FOR
from guichet.town.town import Town

log = structlog.get_logger()


@dataclass(frozen=True)
class SuspendedPages:
    """Shows suspended mail and takes decisions about it. Everything shown comes from ScopedSuspendedMail."""

    gate: SessionGate
    mail: ScopedSuspendedMail
    decisions: MailDecisions
    outcomes: Outcomes
    town: Town

    async def list_page(self, request: Request) -> Response:
        """Return the list, and what became of the decision that led here."""
        visitor = await self.gate.visitor(request)
        page = await self.mail.list_mail(visitor, query := read_suspended_query(request.query_params))
        decided = await self._decided_of(request, visitor)
        return self._page(request, "suspended.html", visitor, query=query, page=page, once=new_once(), **decided)

    async def mail_page(self, request: Request, message: str) -> Response:
        """Return one mail."""
        return await self._mail(request, await self.gate.visitor(request), message)

    async def file(self, request: Request, message: str, number: str) -> Response:
        """Return a file of one."""
        visitor = await self.gate.visitor(request)
        return given(await self.mail.read_file(visitor, message, nth_of(number)))

    async def release(self, request: Request, message: str) -> Response:
        """Let it open or join its case."""
        return await self._decide(request, message, RELEASED)

    async def confirm_spam(self, request: Request, message: str) -> Response:
        """Let it go, after a while."""
        return await self._decide(request, message, SPAM)

    async def _decide(self, request: Request, message: str, kind: str) -> Response:
        """Give a command and lead back to the list, which says what became of it; what was refused shows the mail."""
        visitor, form = await self.gate.visitor_and_form(request)
        found = await self.mail.find_mail(visitor, message)
        try:
            command = await self.decisions.give(visitor, found.message_id, kind, once_of(form))
        except TransientError as exc:
            log.warning("command not taken for now", message_id=found.message_id, error=str(exc))
            return await self._mail(request, visitor, message, status=503, once=once_of(form), problem="away")
        outcome = await self.decisions.outcome(command)
        if outcome.refused is not None:
            refused = RefusedCommand(kind, outcome.refused)
            return await self._mail(request, visitor, message, status=409, refused=refused)
        given = GivenCommand(kind, command, self.decisions.clock())
        about = {"fait": kind} if outcome.is_decided else {"suite": str(given)}
        return RedirectResponse(f"{HERE}?{urlencode({**about, 'courriel': found.message_id})}", 303)

    async def _mail(
        self, request: Request, visitor: Visitor, message: str, *, status: int = 200, **values: Any
    ) -> Response:
        view = await self.mail.read_mail(visitor, message)
        shown = {"once": new_once(), "problem": None, "refused": None, **values}
        return self._page(request, "suspended_mail.html", visitor, status=status, mail=view, **shown)

    async def _decided_of(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        """Return what the list says of the decision that its address names, and of the mail that it was about."""
        done, given = request.query_params.get("fait"), GivenCommand.read(request.query_params.get("suite"))
        outcome = await self.outcomes.of(given.command) if given else None
        if given and outcome is not None and outcome.is_decided and outcome.refused is None:
            done = given.kind
        decided, case = None, None
        if about := request.query_params.get("courriel"):
            try:
                decided = await self.mail.find_mail(visitor, about)
                case = await self.mail.case_of(visitor, decided)
            except NotFoundError:  # erased since, or somebody typed
                done = None
        return {
            "done": done if decided is not None and done in (RELEASED, SPAM) else None,
            "given": given,
            "outcome": outcome,
            "of": None,
            "decided": decided,
            "case": case,
        }

    def _page(self, request: Request, template: str, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
        return self.gate.page(
            request,
            template,
            visitor=visitor,
            status=status,
            here=HERE,
            departments=self.town.departments,
            agents=visitor.colleagues,
            spam_days=SPAM_KEPT_FOR.days,
            files_scanned=self.mail.files.antivirus.is_there,
            **values,
        )


def suspended_routes(pages: SuspendedPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.list_page)
    routes.add_api_route(HERE + "/{message}", pages.mail_page)
    routes.add_api_route(HERE + "/{message}/fichiers/{number}", pages.file)
    routes.add_api_route(HERE + "/{message}/liberation", pages.release, methods=["POST"])
    routes.add_api_route(HERE + "/{message}/indesirable", pages.confirm_spam, methods=["POST"])
    return routes
