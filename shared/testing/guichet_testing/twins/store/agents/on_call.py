"""Who is on call, in memory."""

from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import DepartmentId
from guichet.store.agents.on_call import OnCall, OnCallRota, Whose, in_order


class InMemoryOnCallRota(OnCallRota):
    """Twin of MongoOnCallRota. away: the store does not answer."""

    def __init__(self) -> None:
        self.periods: dict[str, OnCall] = {}
        self.away = False

    async def not_over(self, departments: Whose, now: datetime) -> list[OnCall]:
        return in_order([each for each in self._answer() if each.department in departments and each.ends > now])

    async def between(self, departments: Whose, first: datetime, last: datetime) -> list[OnCall]:
        return [each for each in await self.not_over(departments, first) if each.begins <= last]

    async def insert(self, period: OnCall) -> None:
        self._answer()
        self.periods.setdefault(period.period_id, period)

    async def remove(self, department: DepartmentId | None, period_id: str) -> bool:
        found = {each.period_id for each in self._answer() if each.department == department} & {period_id}
        return any(self.periods.pop(each) for each in found)

    def _answer(self) -> list[OnCall]:
        if self.away:
            raise TransientError("the rota is away")
        return [*self.periods.values()]
