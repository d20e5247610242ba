"""What a page answers once an agent has decided: the router's word, or what they typed. Nothing typed is lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

import structlog
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, RefusedCommand
from agent_desk.domain.decisions.given_command import GivenCommand
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.handlers.cases.await_outcome import Outcomes
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError, TransientError
from guichet.ids import EventId

log = structlog.get_logger()

Again = Callable[[FormInput, int], Awaitable[Response]]
"""Returns a form as it was sent, with a status: what it says came to nothing."""


@dataclass(frozen=True)
class DecisionAnswers:
    """Answers every form that gives a command (docs/decisions/0030). clock: aware UTC.

    then: gives what notes for colleagues that it was so: nothing, where the command was refused.
    there: the address to which what was decided leads; None: the case's own.
    """

    pages: CasePages
    outcomes: Outcomes
    clock: Callable[[], datetime]
    then: Callable[[], Awaitable[EventId | None]] | None = None
    there: str | None = None

    async def give(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        issuing: Awaitable[EventId],
        kind: str,
        *,
        stays: bool = True,
        again: Again | None = None,
    ) -> Response:
        """Give the command and say what the router has decided; past some seconds, lead to a page that will say it.

        What was not taken comes back as it was typed: under the same mark where nobody knows whether it arrived, under
        a new one where it came to nothing. stays: the case does not leave the agent's departments.
        again: returns the form's own page, where it has one.
        """
        again = again or partial(self.pages.case_again, request, visitor, case)
        since = self.outcomes.position
        try:
            command = await issuing
            outcome = await self.outcomes.heard(command, since)
            if self.then is not None and outcome.refused is None:
                await self.then()
        except TransientError as exc:
            log.warning("command not taken for now", case_id=case.case_id, error=str(exc))
            return await again(replace(typed, problem="away"), 503)
        except ErasedError as exc:
            raise NotFoundError from exc
        if outcome.refused is not None:
            refused = RefusedCommand(kind, outcome.refused)
            return await again(replace(typed, once=new_once(), refused=refused), 409)
        query = {"fait": kind} if outcome.is_decided else {"suite": str(GivenCommand(kind, command, self.clock()))}
        if self.there is not None and outcome.is_decided:
            return RedirectResponse(f"{self.there}?{urlencode(query)}", 303)
        return see(case, query) if stays else _see_list(case, query)


def see(case: CaseRecord, query: Mapping[str, str]) -> Response:
    """Lead to a case. query: what its page says."""
    return RedirectResponse(f"/demandes/{case.reference}?{urlencode(query)}", 303)


def _see_list(case: CaseRecord, query: Mapping[str, str]) -> Response:
    return RedirectResponse(f"/demandes?{urlencode({**query, 'de': case.reference})}", 303)
