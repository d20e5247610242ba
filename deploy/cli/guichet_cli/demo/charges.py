"""What the letters of a demonstration would have cost, account by account and day by day. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from guichet.channel.segments import segments
from guichet.contracts.channels import Charged
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
        place = (facts.provider, paris_date(message.at))
        count = segments(said.text) if facts.charged is Charged.SEGMENT else 1
        units[place] += count
        somebody = None if facts.kind is None else facts.kind.example
        amounts[place] += count * town.costs_of(facts.provider).price(message.channel, somebody)
    for (account, day), amount in sorted(amounts.items()):
        yield Charge(account, day, amount, units[account, day])
