"""An answer on its way out: it leaves, its page tells so, and its agent takes it back in time."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.composer.attachments import marked
from agent_desk.domain.composer.departure import Then, awaited, files_of, is_held_up, kind_of, waits
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, RefusedCommand
from agent_desk.domain.decisions.given_command import GivenCommand
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import see
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.await_outcome import UNDER_WAY, Outcome, Outcomes
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.leave import LeavingAnswers
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import SendReply
from guichet.errors import ErasedError, TransientError, UnopenableError
from guichet.rights.case_acts import CaseAct
from guichet.store.draft import Draft

log = structlog.get_logger()

HELD_UP = "retenue"  # what a page asks by that says already that its answer cannot leave


@dataclass(frozen=True)
class LeavingPages:
    """Lets answers leave (docs/decisions/0074)."""

    gate: SessionGate
    pages: CasePages
    cases: ScopedCases
    leaving: LeavingAnswers
    outcomes: Outcomes

    async def send(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        words: str,
        reply: SendReply,
        then: Then | None,
        waiting: Draft | None = None,
    ) -> Response:
        """Let an answer leave that was looked through, and lead to where its agent may take it back.

        Where a town wants no such seconds it leaves now, and what the router makes of it is said. words: of it.
        waiting: a colleague's, which the agent signs.
        """
        try:
            if self.leaving.after and await self.leaving.was_given(reply):  # its form was sent twice
                return see(case, {"suite": str(GivenCommand(kind_of(then), (then or reply).event_id))})
            if waiting is not None:
                files = files_of(waiting, typed.once)
            else:
                files = await self.leaving.files.of(visitor, case, typed.once)
            if marked(each.file_id for each in files) != typed.attached:
                return await self._other_files(request, visitor, case, typed, reply, then)
            draft = await self.leaving.leave(visitor, case, typed, words, files, reply, then, waiting)
        except TransientError as exc:
            log.warning("answer not taken for now", case_id=case.case_id, error=str(exc))
            return await self.pages.case_again(request, visitor, case, replace(typed, problem="away"), 503)
        except (ErasedError, UnopenableError) as exc:
            raise NotFoundError from exc
        if draft is None:
            another = replace(typed, problem="to-sign-changed" if waiting else "another-draft", replaces="")
            return await self.pages.case_again(request, visitor, case, another, 409)
        if draft.leaving is not None and draft.leaving.given_at is not None:  # as its form was sent again
            return see(case, {"suite": str(awaited(draft.leaving))})
        if self.leaving.after:
            return RedirectResponse(f"/demandes/{case.reference}#depart", 303)
        return await self._now(request, visitor, case, typed, draft, words)

    async def _other_files(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        reply: SendReply,
        then: Then | None,
    ) -> Response:
        """Show which files go by now, unless they have left: its form was sent twice. Raises TransientError."""
        if await self.leaving.was_given(reply):
            return see(case, {"suite": str(GivenCommand(kind_of(then), (then or reply).event_id))})
        return await self.pages.case_again(request, visitor, case, replace(typed, errors=("files-changed",)), 409)

    async def _now(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, draft: Draft, words: str
    ) -> Response:
        leaving, since = draft.leaving, self.outcomes.position
        assert leaving is not None  # it has just been kept
        outcome = await self._given(case, draft, words, since)
        kind, text = kind_of(leaving.then), typed.text
        if outcome.refused is not None:
            kind = kind_of(None)  # and what was to come behind it comes to nothing, too
        elif outcome.is_decided and leaving.then is not None:
            outcome, text = await self.outcomes.heard(leaving.then.event_id, since), ""
        if outcome.refused is not None:
            refused = RefusedCommand(kind, outcome.refused)
            again = replace(typed, once=new_once(), replaces=typed.once, text=text, then="", refused=refused)
            return await self.pages.case_again(request, visitor, case, again, 409)
        return see(case, {"fait": kind} if outcome.is_decided else {"suite": str(awaited(leaving))})

    async def _given(self, case: CaseRecord, draft: Draft, words: str, since: str) -> Outcome:
        """Give it, and return what the router makes of it, if that is known in time."""
        assert draft.leaving is not None
        try:
            await self.leaving.give(draft, case, words)
            outcome = await self.outcomes.heard(draft.leaving.reply.event_id, since)
            await self.leaving.settle(draft, outcome)
        except TransientError as exc:  # it is kept: a round goes on with it
            log.warning("answer leaves later", case_id=case.case_id, error=str(exc))
            return UNDER_WAY
        return outcome

    async def part(self, request: Request, reference: str) -> Response:
        """Return the composer that an open page fetches once its answer has left; until then nothing is read for it.

        But once, where the answer is held up: then the page says so.
        """
        visitor = await self.gate.onlooker(request)
        case = await self.cases.find_whole(visitor, reference)
        there = await self.leaving.of(visitor, case)
        leaving = there.leaving if there is not None else None
        is_told = HELD_UP in request.query_params or leaving is None or not is_held_up(leaving, self.leaving.clock())
        if waits(leaving) and is_told:
            return Response(status_code=204)
        return await self.pages.composer_part(request, visitor, case)

    async def take_back(self, request: Request, reference: str) -> Response:
        """Let an answer not leave, and lead to it: it is a draft again."""
        visitor, _ = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        there = await self.leaving.of(visitor, case)
        if await self.leaving.take_back(visitor, case):
            return RedirectResponse(f"/demandes/{case.reference}#text", 303)
        said = {"trop-tard": "oui"}
        if there is not None and there.leaving is not None:
            said["suite"] = str(awaited(there.leaving))
        return RedirectResponse(f"/demandes/{case.reference}?{urlencode(said)}", 303)


def leaving_routes(leaving: LeavingPages) -> APIRouter:
    """Return the routes of answers on their way out."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/depart", leaving.part)
    routes.add_api_route("/demandes/{reference}/depart/annulation", leaving.take_back, methods=["POST"])
    return routes
