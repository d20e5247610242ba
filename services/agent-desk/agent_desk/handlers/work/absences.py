"""Who is away, and whose work is whose meanwhile: read anew for each page, since both are few."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.absence import AbsenceForm, absence_form, absence_of, whose_work
from agent_desk.domain.work.overlap import meets
from agent_desk.handlers.work.assignees import Assignees
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import paris_date
from guichet.store.agents.absences import Absence, Absences, away_at
from guichet.store.agents.on_call import OnCall, OnCallRota
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.organisation import Department


class AbsenceBook:
    """departments: of the town. clock: aware UTC. Every method raises TransientError."""

    def __init__(
        self,
        *,
        absences: Absences,
        rota: OnCallRota,
        departments: Mapping[DepartmentId, Department],
        assignees: Assignees,
        audit: AuditTrail,
        clock: Callable[[], datetime],
    ) -> None:
        self._absences = absences
        self._rota = rota
        self.departments = departments
        self._assignees = assignees
        self._audit = audit
        self._clock = clock

    async def away(self) -> Mapping[AgentId, Absence]:
        """Return who is away now."""
        now = self._clock()
        return away_at(await self._absences.not_over(now), now)

    async def whose_work(self, me: AgentId) -> tuple[AgentId, ...]:
        """Return whose work is one's own now, one's own first."""
        return whose_work(me, await self.away())

    async def of_agent(self, agent: AgentId) -> list[Absence]:
        """Return an agent's absences that are not over."""
        return await self._absences.of_agent(agent, self._clock())

    async def on_call_meanwhile(self, agent: AgentId, absences: Iterable[Absence]) -> Mapping[str, Sequence[OnCall]]:
        """Return when an agent is to be on call while away: an absence's id → these times; none without any."""
        rota = await self._rota.not_over({*self.departments, None}, self._clock())
        theirs = [period for period in rota if period.agent == agent]
        found = {each.absence_id: [period for period in theirs if meets(period, each)] for each in absences}
        return {absence: periods for absence, periods in found.items() if periods}

    async def stand_ins(self, agent: AgentId) -> frozenset[AgentId]:
        """Return who may stand in for an agent."""
        return await self._assignees.colleagues_of(agent)

    async def state(self, visitor: Visitor, agent: AgentId, form: Mapping[str, str]) -> AbsenceForm:
        """Keep what a form says of an agent, unless something is wrong with it, and return it."""
        theirs, stand_ins = await self.of_agent(agent), await self.stand_ins(agent)
        typed = absence_form(form, agent, stand_ins, theirs, paris_date(self._clock()))
        if not typed.errors:
            await self._note(visitor, Act.ABSENCE_STATED, agent)
            await self._absences.insert(absence_of(typed, visitor.agent.agent_id))
        return typed

    async def withdraw(self, visitor: Visitor, agent: AgentId, absence_id: str) -> None:
        """Forget an absence of an agent's; one that is there no longer is forgotten."""
        await self._note(visitor, Act.ABSENCE_WITHDRAWN, agent)
        await self._absences.remove(agent, absence_id)

    async def _note(self, visitor: Visitor, act: Act, agent: AgentId) -> None:
        by = visitor.agent.agent_id
        await self._audit.record(AuditEntry(at=self._clock(), agent=by, act=act, thing="agent", things=(agent,)))
