"""Who is on call: read for whom it concerns, kept by who heads the department, or an administrator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.on_call import OnCallForm, as_typed, judged, period_of, to_change
from agent_desk.domain.work.on_call_weeks import Gap, OnCallNow, Shift, of_department, on_call_now, weeks_of
from agent_desk.handlers.work.assignees import Assignees
from guichet.ids import AgentId, DepartmentId
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.absences import Absences, away_at
from guichet.store.agents.on_call import OnCall, OnCallRota
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.town import Town


@dataclass(frozen=True)
class Rota:
    """What a page shows. now: department → whom its urgent cases reach; None: the whole town. lines: of one of them."""

    now: Mapping[DepartmentId | None, Sequence[OnCallNow]]
    lines: Sequence[Shift | Gap]


@dataclass(frozen=True, kw_only=True)
class OnCallBook:
    """clock: aware UTC. Every method that waits raises TransientError."""

    rota: OnCallRota
    absences: Absences
    assignees: Assignees
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    def shown_to(self, visitor: Visitor) -> tuple[DepartmentId | None, ...]:
        """Return whose rotas concern a visitor: their departments' and the town's; every one an administrator."""
        if not (visitor.administers or visitor.answers):
            return ()
        theirs = self.town.departments if visitor.administers else _departments_of(visitor)
        return (*(each for each in self.town.departments if each in theirs), None)

    def kept_by(self, visitor: Visitor, department: DepartmentId | None) -> bool:
        """Say whether a visitor says who is on call there."""
        return visitor.administers or (department is not None and department in visitor.headed)

    async def read(self, visitor: Visitor, department: DepartmentId | None) -> Rota:
        """Return what concerns a visitor, and the next weeks of one department.

        When colleagues will be away is told to who keeps the rota alone (0071): to others, who stands in now.
        """
        now = self.clock()
        rota, absences = await self.rota.not_over({department, None}, now), await self.absences.not_over(now)
        lines = weeks_of(
            of_department(rota, department),
            of_department(rota, None),
            absences if self.kept_by(visitor, department) else (),
            now,
            hours=None if department is None else self.town.departments[department].opening_hours,
            calendar=self.town.working_days,
        )
        shown, away = self.shown_to(visitor), away_at(absences, now)
        holding = await self.rota.between(shown, now, now)
        return Rota({each: on_call_now(holding, each, away, await self.agents(each)) for each in shown}, lines)

    async def agents(self, department: DepartmentId | None) -> frozenset[AgentId]:
        """Return who may be on call there."""
        return await self.assignees.answering(department)

    async def to_change(self, department: DepartmentId | None, period_id: str) -> OnCallForm:
        """Return the form that changes a time on call; a blank one where it is there no longer."""
        found = [each for each in await self._not_over(department) if each.period_id == period_id]
        return to_change(found[0]) if found else OnCallForm(department)

    async def state(self, visitor: Visitor, department: DepartmentId | None, form: Mapping[str, str]) -> OnCallForm:
        """Keep what a form says, unless something is wrong with it, and return it. Raises NotFoundError.

        The new time is kept before the one that it replaces is forgotten: whoever is killed in between leaves two.
        """
        self._require_keeper(visitor, department)
        agents, others = await self.agents(department), await self._not_over(department)
        typed = judged(as_typed(department, form), agents, others, self.clock())
        if typed.errors:
            return typed
        period = period_of(typed, visitor.agent.agent_id)
        await self._note(visitor, Act.ON_CALL_STATED, period)
        await self.rota.insert(period)
        if typed.replaces != period.period_id:
            await self._forget(visitor, others, typed.replaces)
        return typed

    async def withdraw(self, visitor: Visitor, department: DepartmentId | None, period_id: str) -> None:
        """Forget a time on call; one that is there no longer is forgotten. Raises NotFoundError."""
        self._require_keeper(visitor, department)
        await self._forget(visitor, await self._not_over(department), period_id)

    async def _forget(self, visitor: Visitor, periods: Sequence[OnCall], period_id: str) -> None:
        """Forget the one of these that has this id, if any has."""
        for period in periods:
            if period.period_id == period_id:
                await self._note(visitor, Act.ON_CALL_WITHDRAWN, period)
                await self.rota.remove(period.department, period_id)

    async def _not_over(self, department: DepartmentId | None) -> list[OnCall]:
        return await self.rota.not_over([department], self.clock())

    def _require_keeper(self, visitor: Visitor, department: DepartmentId | None) -> None:
        if not self.kept_by(visitor, department):
            raise NotFoundError

    async def _note(self, visitor: Visitor, act: Act, period: OnCall) -> None:
        """Note whose time on call it is, of which department unless it is the whole town's, and its id."""
        by, whose = visitor.agent.agent_id, () if period.department is None else (period.department,)
        things = (period.agent, *whose, period.period_id)
        await self.audit.record(AuditEntry(at=self.clock(), agent=by, act=act, thing="agent", things=things))


def _departments_of(visitor: Visitor) -> frozenset[DepartmentId]:
    """Return the departments of which a visitor may answer some cases, and those that they head."""
    grants = visitor.scope.with_act(CaseAct.ANSWER).whole.grants
    return visitor.headed.union(*(grant.departments for grant in grants))
