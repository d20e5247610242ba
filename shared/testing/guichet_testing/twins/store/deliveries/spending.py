"""What letters cost, in memory, as strict as the real counts (one suite runs on both)."""

from collections import defaultdict
from datetime import date

from guichet.errors import TransientError
from guichet.store.deliveries.spending import Caps, Charge, Period, Spending, Spent, Sum, over


class InMemorySpending(Spending):
    """Twin of MongoSpending. away: the store does not answer."""

    def __init__(self) -> None:
        self.away = False
        self._days = defaultdict[tuple[str, date], Sum](Sum)

    async def count(self, charge: Charge, caps: Caps) -> Period | None:
        refused = over(await self.spent(charge.account, charge.day), charge, caps)
        if refused is None:
            self._add(charge, 1)
        return refused

    async def give_back(self, charge: Charge) -> None:
        self._answer()
        self._add(charge, -1)

    async def spent(self, account: str, day: date) -> Spent:
        self._answer()
        month = [
            each
            for (name, on), each in self._days.items()
            if name == account and (on.year, on.month) == (day.year, day.month)
        ]
        whole = Sum(sum(each.amount for each in month), sum(each.units for each in month))
        return Spent(self._days[account, day], whole)

    def _add(self, charge: Charge, times: int) -> None:
        before = self._days[charge.account, charge.day]
        self._days[charge.account, charge.day] = Sum(
            before.amount + times * charge.amount, before.units + times * charge.units
        )

    def _answer(self) -> None:
        if self.away:
            raise TransientError("what is spent is away")
