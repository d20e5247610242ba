"""How clocks ended, for who heads departments: read from what is counted, and noted before it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.figures.delays import Delays, chosen_month, last_months
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.figures.headed import HeadedDepartments
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.audit.trail import Act
from guichet.store.cases.department_days import DepartmentDays


@dataclass(frozen=True, kw_only=True)
class DelayReader:
    """clock: aware UTC."""

    days: DepartmentDays
    headed: HeadedDepartments
    clock: Callable[[], datetime]

    async def read(self, visitor: Visitor, service: str, month: str, act: Act = Act.FIGURES_SHOWN) -> Delays:
        """Return how clocks ended in a department, or in all that the visitor heads. month: as chosen_month reads it.

        Raises NotFoundError alike for who heads none, what they do not head, what there is not and a month that is not
        shown; TransientError.
        """
        now = self.clock()
        today = paris_date(now)
        chosen, shown = self.headed.chosen(visitor, service), chosen_month(month, today)
        if not chosen or shown is None:
            raise await self.headed.refuse(visitor)
        days = await self.days.of(chosen, start_of_day(last_months(today)[-1]), now)
        await self.headed.note(visitor, act, chosen)
        return Delays(now, self.headed.of(visitor), chosen, shown, tuple(days))
