"""What departments did on each day, in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from guichet.errors import TransientError
from guichet.ids import DepartmentId
from guichet.store.cases.department_days import DepartmentDay, DepartmentDays, ended_alone, in_order


class InMemoryDepartmentDays(DepartmentDays):
    """Twin of MongoDepartmentDays. away: the store does not answer."""

    def __init__(self, *days: DepartmentDay) -> None:
        self.days = {each.day_id: each for each in days}
        self.away = False

    async def put(self, days: Sequence[DepartmentDay]) -> None:
        self._answer()
        for each in days:
            was = self.days.get(each.day_id)
            self.days[each.day_id] = each.model_copy(update={"ended": was.ended if was else {}})

    async def put_ended(self, department: DepartmentId, ended: Mapping[date, Mapping[str, int]]) -> None:
        self._answer()
        for day, counted in ended.items():
            new = ended_alone(department, day, counted)
            if counted or new.day_id in self.days:
                was = self.days.get(new.day_id, new)
                self.days[new.day_id] = was.model_copy(update={"ended": dict(counted)})

    async def of(self, departments: Collection[DepartmentId], since: datetime, until: datetime) -> list[DepartmentDay]:
        self._answer()
        return in_order(
            [each for each in self.days.values() if each.department in departments and since <= each.begins < until]
        )

    async def first(self, department: DepartmentId) -> DepartmentDay | None:
        self._answer()
        counted = [each for each in self.days.values() if each.department == department and each.is_counted]
        return next(iter(in_order(counted)), None)

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the days are away")
