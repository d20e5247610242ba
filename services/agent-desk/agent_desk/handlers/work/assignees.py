"""Whom a case may be given: everybody who may answer it today; who may stand in for whom, and who be on call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Grant, Scope
from guichet.town.staff.staff import Staff


@dataclass
class _OnADay:
    """able: whose work cases may be that some grants show, of as many lists as there are different ones."""

    staff: Staff
    day: date
    scopes: tuple[Scope, ...]
    able: dict[tuple[Grant, ...], frozenset[AgentId]] = field(default_factory=dict)


class Assignees:
    """Asks the scope of each agent; they are made once for as long as the staff stays what it is. clock: aware UTC."""

    def __init__(self, staff: StaffDirectory, *, clock: Callable[[], datetime]) -> None:
        self._staff = staff
        self._clock = clock
        self._made: _OnADay | None = None

    async def of(self, case: CaseRecord) -> frozenset[AgentId]:
        """Return them. Raises TransientError."""
        return frozenset(scope.agent for scope in await self._scopes() if scope.may(CaseAct.ANSWER, case))

    async def colleagues_of(self, agent: AgentId) -> frozenset[AgentId]:
        """Return who else may answer some of the cases that an agent may answer. Raises TransientError."""
        scopes = {scope.agent: scope.with_act(CaseAct.ANSWER).whole.grants for scope in await self._scopes()}
        own = scopes.pop(agent, ())
        return frozenset(other for other, grants in scopes.items() if _meet(own, grants))

    async def within(self, scope: Scope) -> frozenset[AgentId]:
        """Return whose work a case may be that a scope shows whole. Raises TransientError."""
        seen, today = scope.whole.grants, await self._today()
        if seen not in today.able:
            able = (each for each in today.scopes if _meet(seen, each.with_act(CaseAct.ANSWER).whole.grants))
            today.able[seen] = frozenset(each.agent for each in able)
        return today.able[seen]

    async def answering(self, department: DepartmentId | None) -> frozenset[AgentId]:
        """Return who may answer some cases of a department; None: of any. Raises TransientError."""
        able = {scope.agent: scope.with_act(CaseAct.ANSWER).whole for scope in await self._scopes()}
        return frozenset(agent for agent, scope in able.items() if scope.within(department).grants)

    async def _scopes(self) -> tuple[Scope, ...]:
        return (await self._today()).scopes

    async def _today(self) -> _OnADay:
        staff, day = await self._staff.now(), paris_date(self._clock())
        if self._made is None or self._made.staff is not staff or self._made.day != day:
            scopes = tuple(self._staff.scopes.of(agent, staff, day) for agent in staff.agents)
            self._made = _OnADay(staff, day, scopes)
        return self._made


def _meet(some: Iterable[Grant], others: Iterable[Grant]) -> bool:
    """Say whether there may be a case that is both's."""
    return any(one.departments & other.departments and one.sectors & other.sectors for one in some for other in others)
