"""The budget of one provider account: a letter is counted before its provider is asked (docs/decisions/0057).

So a letter that is counted may have left, and no kill, race or lost answer spends more than the town allows. What
surely did not leave is taken back; where a process died before it could, too much is counted, never too little.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome
from guichet.contracts.channels import KnownChannels
from guichet.contracts.delivery import DeliveryState
from guichet.errors import TransientError
from guichet.law.calendar import paris_date
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.spending import Caps, Charge, Spending, over
from guichet.town.costs import AccountCosts
from notifier.domain.letter_cost import charge_of, counted_before
from notifier.domain.outcomes import Barred, NoRoom


@dataclass(frozen=True)
class Budget:
    """costs: the town's prices and caps of the account."""

    channels: KnownChannels
    costs: AccountCosts
    spending: Spending
    clock: Callable[[], datetime]

    async def take(self, letter: Letter, held: DeliveryDocument) -> Charge | NoRoom | Barred | None:
        """Count a letter that is about to leave; None: it costs nothing more. Raises TransientError."""
        facts, today = self.channels[letter.channel], paris_date(self.clock())
        charge = charge_of(letter, counted_before(letter, held), facts, self.costs, today)
        if charge is None or isinstance(charge, Barred):
            return charge
        full = await self.spending.count(charge, Caps(self.costs.day_cap, self.costs.month_cap))
        return charge if full is None else NoRoom()

    async def is_full(self, account: str) -> bool:
        """Say whether no cap has room for the cheapest letter that there is. Raises TransientError."""
        today, caps = paris_date(self.clock()), Caps(self.costs.day_cap, self.costs.month_cap)
        cheapest = Charge(account, today, self.costs.lowest_price, 1)
        return over(await self.spending.spent(account, today), cheapest, caps) is not None

    async def give_back(self, charge: Charge) -> None:
        """Take back what was counted of a letter that did not leave; while the store is away it stays counted."""
        with suppress(TransientError):
            await self.spending.give_back(charge)


def surely_stayed(outcome: Outcome) -> bool:
    """Say whether a provider has told that it took nothing, and so bills nothing."""
    match outcome:
        case Concluded(state):
            return state is DeliveryState.FAILED
        case Doubtful():
            return outcome.denied
    return True
