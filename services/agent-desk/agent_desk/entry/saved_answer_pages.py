"""The pages of saved answers: a list, and one to write or change."""

from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.composer.saved_answer_form import OWN, SavedAnswerInput, new_answer_id, saved_answer_input
from agent_desk.domain.composer.variables import VARIABLES
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import once_of
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from guichet.ids import SavedAnswerId
from guichet.store.saved_answers import MOST
from guichet.town.town import Town

HERE: Final = "/reponses-types"
NEW: Final = "nouvelle"


@dataclass(frozen=True)
class SavedAnswerPages:
    """Shows saved answers to who answers cases, and takes their changes."""

    gate: SessionGate
    shelf: SavedAnswerShelf
    town: Town

    async def list_page(self, request: Request) -> Response:
        """Return the list."""
        visitor = await self.gate.visitor(request)
        answers = await self.shelf.list_answers(visitor)
        done = request.query_params.get("fait")
        return self._page(request, "saved_answers.html", visitor, answers=answers, done=done)

    async def one_page(self, request: Request, answer: str) -> Response:
        """Return one, or the page of a new one."""
        visitor = await self.gate.visitor(request)
        await self.shelf.list_answers(visitor)
        if answer == NEW:
            return self._form(request, visitor, answer, SavedAnswerInput())
        found = await self.shelf.find(visitor, answer)
        said = SavedAnswerInput(found.title, found.text, found.department or OWN)
        return self._form(request, visitor, answer, said)

    async def put(self, request: Request, answer: str) -> Response:
        """Keep one."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        there = await self.shelf.list_answers(visitor)
        said = saved_answer_input(form, visitor.scope.answered_departments)
        is_new = answer == NEW
        name = new_answer_id(visitor.agent.agent_id, once_of(form)) if is_new else SavedAnswerId(answer)
        if not is_new:
            await self.shelf.find(visitor, answer)
        beside = [each for each in there if each.department == said.department and each.answer_id != name]
        if len(beside) >= MOST:
            said = replace(said, errors=(*said.errors, "too-many"))
        if said.errors:
            return self._form(request, visitor, answer, said, once=once_of(form), status=422)
        await self.shelf.put(visitor, name, said, is_new=is_new)
        return RedirectResponse(f"{HERE}?fait=gardee", 303)

    async def remove(self, request: Request, answer: str) -> Response:
        """Throw one away."""
        visitor, _ = await self.gate.visitor_and_form(request)
        await self.shelf.remove(visitor, answer)
        return RedirectResponse(f"{HERE}?fait=jetee", 303)

    def _form(
        self,
        request: Request,
        visitor: Visitor,
        answer: str,
        said: SavedAnswerInput,
        *,
        once: str = "",
        status: int = 200,
    ) -> Response:
        values = {"answer": answer, "said": said, "once": once or new_once(), "is_new": answer == NEW}
        return self._page(request, "saved_answer.html", visitor, status=status, **values)

    def _page(self, request: Request, template: str, visitor: Visitor, **values: Any) -> Response:
        departments = self.town.departments
        return self.gate.page(
            request,
            template,
            visitor=visitor,
            departments=departments,
            writes_for=[each for each in departments if each in visitor.scope.answered_departments],
            variables=list(VARIABLES),
            own=OWN,
            **values,
        )


def saved_answer_routes(pages: SavedAnswerPages) -> APIRouter:
    """Return the routes of saved answers."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.list_page)
    routes.add_api_route(HERE + "/{answer}", pages.one_page)
    routes.add_api_route(HERE + "/{answer}", pages.put, methods=["POST"])
    routes.add_api_route(HERE + "/{answer}/retrait", pages.remove, methods=["POST"])
    return routes
