"""What every page of cases is given, beside what it shows."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from agent_desk.domain.decisions.given_command import KINDS, GivenCommand
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.await_outcome import Outcomes
from guichet.town.town import Town


@dataclass(frozen=True)
class CaseFrame:
    """The town's words for what is in a case, and what became of the command that led to a page."""

    gate: SessionGate
    outcomes: Outcomes
    town: Town

    def page(self, request: Request, template: str, visitor: Visitor, **values: Any) -> Response:
        """Return a rendered page."""
        return self.gate.page(
            request,
            template,
            visitor=visitor,
            departments=self.town.departments,
            procedures=self.town.procedures,
            agents=visitor.colleagues,
            capacities=visitor.capacities,
            handles=visitor.handles,
            abuse_days=max(1, self.town.abuse_lasts.days),
            **values,
        )

    async def outcome_values(self, request: Request) -> dict[str, Any]:
        """Return what the page says about the command that its address names. done: of which kind one was taken."""
        done, given = request.query_params.get("fait"), GivenCommand.read(request.query_params.get("suite"))
        outcome = await self.outcomes.of(given.command) if given else None
        if given and outcome is not None and outcome.is_decided and outcome.refused is None:
            done = given.kind
        return {"done": done if done in KINDS else None, "given": given, "outcome": outcome}
