"""What an agent's list is about, so that the page can say it in a line. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent_desk.domain.visitor import Visitor
from guichet.ids import DepartmentId, ProcedureId
from guichet.rights.scope import Grant


@dataclass(frozen=True)
class WhatIsListed:
    """Which cases a list holds: the widest view of each department, and what is listed beside that.

    whole, synthesis: departments of which everything is listed. procedures: of which alone cases are whole.
    entered: taken down by the agent. sent_on: taken down by others, elected members.
    for_callers: something is shown only once a caller is recognised; then lists hold nothing of it.
    """

    whole: frozenset[DepartmentId]
    synthesis: frozenset[DepartmentId]
    procedures: frozenset[ProcedureId]
    entered: bool
    sent_on: bool
    for_callers: bool

    @property
    def is_nothing(self) -> bool:
        """Whether no list can hold anything, whatever comes."""
        return not (self.whole or self.synthesis or self.procedures or self.entered or self.sent_on)


def what_is_listed(visitor: Visitor) -> WhatIsListed:
    """Return what a visitor's lists hold."""
    grants, agent = visitor.listed.grants, visitor.agent.agent_id
    whole = visitor.listed.whole_departments
    told = [grant.entered_by for grant in grants if grant.entered_by is not None]
    unlimited = [grant for grant in grants if grant.entered_by is None]
    return WhatIsListed(
        whole=whole,
        synthesis=_departments(grant for grant in unlimited if grant.detail == "synthesis") - whole,
        procedures=frozenset[ProcedureId]().union(
            *(grant.procedures for grant in unlimited if grant.detail == "full" and grant.procedures is not None)
        ),
        entered=any(agent in entered_by for entered_by in told),
        sent_on=any(entered_by - {agent} for entered_by in told),
        for_callers=any(grant.caller_identified for grant in visitor.scope.grants),
    )


def _departments(grants: Iterable[Grant]) -> frozenset[DepartmentId]:
    return frozenset[DepartmentId]().union(*(grant.departments for grant in grants))
