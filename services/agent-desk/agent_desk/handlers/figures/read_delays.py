"""How clocks ended, for who heads departments: read from what is counted, and noted before it is shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.figures.delays import Delays, chosen_month, last_months
from agent_desk.domain.visitor import Visitor
from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.department_days import DepartmentDays
from guichet.town.town import Town


@dataclass(frozen=True, kw_only=True)
class DelayReader:
    """clock: aware UTC."""

    days: DepartmentDays
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    async def read(self, visitor: Visitor, service: str, month: str, act: Act = Act.FIGURES_SHOWN) -> Delays:
        """Return how clocks ended in a department, or in all that the visitor heads. month: as chosen_month reads it.

        Raises NotFoundError alike for who heads none, what they do not head, what there is not and a month that is not
        shown; TransientError.
        """
        now = self.clock()
        today = paris_date(now)
        may_choose = tuple(each for each in self.town.departments if each in visitor.headed)
        chosen = tuple(each for each in may_choose if service in {"", each})
        shown = chosen_month(month, today)
        if not chosen or shown is None:
            await self._note(visitor, Act.NOT_FOUND, ())
            raise NotFoundError
        days = await self.days.of(chosen, start_of_day(last_months(today)[-1]), now)
        await self._note(visitor, act, chosen)
        return Delays(now, may_choose, chosen, shown, tuple(days))

    async def _note(self, visitor: Visitor, act: Act, departments: Sequence[DepartmentId]) -> None:
        at, agent = self.clock(), visitor.agent.agent_id
        await self.audit.record(AuditEntry(at=at, agent=agent, act=act, thing="figures", things=tuple(departments)))
