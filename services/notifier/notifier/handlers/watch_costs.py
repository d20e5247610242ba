"""What letters cost, told again and again: to whoever looks at the metrics, and by two alarms before and at the cap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.law.calendar import paris_date
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import SPENDING_CAP, SPENT, SPENT_UNITS
from guichet.store.deliveries.spending import Period, Spending, Spent
from guichet.store.deliveries.store import Deliveries
from guichet.town import Town
from guichet.town.costs import MILLIONTHS, AccountCosts

LOOK_EVERY: Final = timedelta(seconds=15)


@dataclass(frozen=True)
class WatchCosts:
    """Of every account that bills by the letter, whether the town has named a cap or not."""

    town: Town
    spending: Spending
    deliveries: Deliveries
    clock: Callable[[], datetime]

    async def look(self) -> None:
        """Look once. Raises TransientError."""
        for account in sorted(self.town.charging):
            costs = self.town.costs_of(account)
            spent = await self.spending.spent(account, paris_date(self.clock()))
            _show(account, costs, spent)
            _alarm(Alarm.SPENDING_NEAR_CAP, account, holds=is_near_cap(spent, costs))
            _alarm(Alarm.SPENDING_CAP, account, holds=await self.deliveries.waits_for_room(account))


def is_near_cap(spent: Spent, costs: AccountCosts) -> bool:
    """Say whether so much is spent of a cap, the day's or the month's, as the town wants to be warned of. Pure."""
    caps = ((spent.day, costs.day_cap), (spent.month, costs.month_cap))
    return any(cap is not None and each.amount * 100 >= cap * costs.warn_at for each, cap in caps)


def _show(account: str, costs: AccountCosts, spent: Spent) -> None:
    for period, each, cap in (
        (Period.DAY, spent.day, costs.day_cap),
        (Period.MONTH, spent.month, costs.month_cap),
    ):
        SPENT.labels(account, costs.currency, period.value).set(each.amount / MILLIONTHS)
        SPENT_UNITS.labels(account, period.value).set(each.units)
        if cap is not None:
            SPENDING_CAP.labels(account, period.value).set(cap / MILLIONTHS)


def _alarm(alarm: Alarm, account: str, *, holds: bool) -> None:
    (raise_alarm if holds else clear_alarm)(alarm, account)
