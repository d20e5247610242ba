"""Figures of departments for who heads them: counted anew from what is open now, and noted before they are shown."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.figures.figures import Figures
from agent_desk.domain.figures.workload import workload_of
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.figures.headed import HeadedDepartments
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.audit.trail import Act
from guichet.store.cases.department_days import KEPT, DepartmentDays
from guichet.store.cases.open_case import OpenCase
from guichet.store.cases.reader import OPEN_AT_ONCE, CaseReader


@dataclass(frozen=True, kw_only=True)
class FigureReader:
    """clock: aware UTC."""

    cases: CaseReader
    days: DepartmentDays
    assignees: Assignees
    absences: AbsenceBook
    headed: HeadedDepartments
    clock: Callable[[], datetime]

    async def read(self, visitor: Visitor, asked: str, act: Act = Act.FIGURES_SHOWN) -> Figures:
        """Return the figures of the department asked for, or of all that the visitor heads where none is.

        Raises NotFoundError alike for who heads none, what they do not head and what there is not; TransientError.
        """
        chosen = self.headed.chosen(visitor, asked)
        if not chosen:
            raise await self.headed.refuse(visitor)
        figures = await self._figures(visitor, self.headed.of(visitor), chosen)
        await self.headed.note(visitor, act, chosen)
        return figures

    async def _figures(
        self, visitor: Visitor, may_choose: tuple[DepartmentId, ...], chosen: tuple[DepartmentId, ...]
    ) -> Figures:
        now, scope = self.clock(), visitor.shown_beside
        today = paris_date(now)
        found = await asyncio.gather(*(self.cases.open_cases(scope.within(each)) for each in chosen))
        agents = [await self.assignees.within(scope.within(each)) for each in chosen]
        by_department = {
            department: workload_of(_counted(cases), today, those, is_cut=_is_cut(cases))
            for department, cases, those in zip(chosen, found, agents, strict=True)
        }
        days = [each for each in await self.days.of(chosen, start_of_day(today - KEPT), now) if each.is_counted]
        every = [case for cases in found for case in _counted(cases)]
        everybody = frozenset[AgentId]().union(*agents)
        work = workload_of(every, today, everybody, is_cut=any(map(_is_cut, found)))
        return Figures(now, may_choose, chosen, work, by_department, await self.absences.away(), tuple(days))


def _counted(cases: Sequence[OpenCase]) -> Sequence[OpenCase]:
    return cases[:OPEN_AT_ONCE]


def _is_cut(cases: Sequence[OpenCase]) -> bool:
    return len(cases) > OPEN_AT_ONCE
