"""The steps that a case goes through, on a page of their own, and the tasks that agents say are done."""

from dataclasses import dataclass, replace
from functools import partial

from fastapi import APIRouter, Request, Response

from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, RefusedCommand, once_of, shown_of
from agent_desk.domain.steps.steps_shown import StepsShown
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.work.mark_task import mark_task
from guichet.case.lifecycle import Verb, may
from guichet.case.record import CaseRecord
from guichet.rights.case_acts import CaseAct

KIND = "tache"


@dataclass(frozen=True)
class StepPages:
    """Shows the steps and takes what is done of them."""

    pages: CasePages
    answers: DecisionAnswers
    gate: SessionGate
    cases: ScopedCases
    ports: DecisionPorts

    async def page(self, request: Request, reference: str) -> Response:
        """Return them. Nothing of a synthesis."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference)
        return await self._again(request, visitor, case, FormInput(new_once()), 200)

    async def mark(self, request: Request, reference: str) -> Response:
        """Say that a task is done, or open again."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed, again = FormInput(once_of(form), shown=shown_of(form)), partial(self._again, request, visitor, case)
        workflow, task, run = form.get("workflow", ""), form.get("task", ""), case.workflow
        if run is None or run.frozen.version != workflow or run.frozen.task(task) is None:
            return await again(FormInput(new_once(), refused=RefusedCommand(KIND, "unknown-task")), 422)
        marking = mark_task(
            visitor,
            case,
            sheet=typed.sheet,
            workflow=workflow,
            task=task,
            is_done=form.get("done") == "1",
            ports=self.ports,
        )
        answers = replace(self.answers, there=f"/demandes/{case.reference}/etapes")
        return await answers.give(request, visitor, case, typed, marking, KIND, again=again)

    async def _again(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, status: int
    ) -> Response:
        now = await self.cases.find_whole(visitor, case.reference)
        await self.cases.note_clocks(visitor, now)
        return self.pages.frame.page(
            request,
            "steps.html",
            visitor,
            status=status,
            reference=now.reference,
            shown=now.newest_said,
            steps=StepsShown.of(now),
            may_mark=may(Verb.MARK, now.state) and visitor.scope.may(CaseAct.ANSWER, now),
            done=request.query_params.get("fait"),
            typed=typed,
        )


def step_routes(pages: StepPages) -> APIRouter:
    """Return the routes of steps."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/etapes", pages.page)
    routes.add_api_route("/demandes/{reference}/etapes", pages.mark, methods=["POST"])
    return routes
