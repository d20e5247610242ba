"""What the letters of a demonstration would have cost, account by account and day by day. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from guichet.channel.letter_cost import cost_of
from guichet.contracts.inbound_content import PHONE_NUMBER
from guichet.law.calendar import paris_date
from guichet.store.deliveries.spending import Charge
from guichet.town import Town
from guichet_cli.demo.story import Story


def charges_of(stories: Iterable[Story], town: Town) -> Iterator[Charge]:
    """Yield a charge for each account and day."""
    amounts, units = Counter[tuple[str, date]](), Counter[tuple[str, date]]()
    for message, said in (sent for story in stories for sent in story.sent):
        facts = town.facts[message.channel]
        if facts.charged is None:
            continue
        number = facts.kind.example if facts.kind is not None and facts.kind.name == PHONE_NUMBER else None
        cost = cost_of([said.text], facts, town.costs_of(facts.provider), number, paris_date(message.at))
        amounts[cost.account, cost.day] += cost.amount
        units[cost.account, cost.day] += cost.units
    for (account, day), amount in sorted(amounts.items()):
        yield Charge(account, day, amount, units[account, day])
