"""What letters cost their town, by the provider's count and the town's prices. Pure."""

from collections.abc import Sequence
from datetime import date

from guichet.channel.segments import segments
from guichet.contracts.channels import ChannelFacts, Charged
from guichet.store.deliveries.spending import Charge
from guichet.town.costs import AccountCosts


def cost_of(texts: Sequence[str], facts: ChannelFacts, costs: AccountCosts, number: str | None, day: date) -> Charge:
    """Return what a letter of each of these texts costs, of a channel that is billed by the letter.

    number: to which they go; None: they go to no telephone number.
    """
    units = sum(map(segments, texts)) if facts.charged is Charged.SEGMENT else len(texts)
    return Charge(facts.provider, day, units * costs.price(facts.name, number), units)
