"""What departments did on each day, in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import DepartmentId
from guichet.store.cases.department_days import DepartmentDay, DepartmentDays, in_order


class InMemoryDepartmentDays(DepartmentDays):
    """Twin of MongoDepartmentDays. away: the store does not answer."""

    def __init__(self, *days: DepartmentDay) -> None:
        self.days = {each.day_id: each for each in days}
        self.away = False

    async def put(self, days: Sequence[DepartmentDay]) -> None:
        self._answer()
        self.days |= {each.day_id: each for each in days}

    async def of(self, departments: Collection[DepartmentId], since: datetime, until: datetime) -> list[DepartmentDay]:
        self._answer()
        return in_order(
            [each for each in self.days.values() if each.department in departments and since <= each.begins < until]
        )

    async def first(self, department: DepartmentId) -> DepartmentDay | None:
        self._answer()
        return next((each for each in in_order([*self.days.values()]) if each.department == department), None)

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the days are away")
