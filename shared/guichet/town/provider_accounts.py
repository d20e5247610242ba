"""The provider accounts by which a town sends, and how each may be used. Pure."""

from collections.abc import Collection, Iterator, Mapping

from guichet.contracts.channels import ChannelFacts, Form, KnownChannels, Sending
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import IdentifierKind
from guichet.town.town import Town


def accounts_of(town: Town) -> Mapping[str, Sending]:
    """Return them by lane: those of the town's channels, and always the one for mail, which the portal answers by.

    Of channels that share an account, the first one's facts count: they are the account's. So does the first rate that
    the town's channels.yaml gives (`per_second`), before that of the facts.
    """
    lanes: dict[str, Sending] = {}
    for each in carriers(town.channels, town.facts):
        lanes.setdefault(each.provider, paced(each.sending, _rate_of(each.provider, town)))
    return lanes


def channels_carried(town: Town) -> frozenset[ChannelName]:
    """Return the channels that letters of the town leave by now; another's wait until it is switched on."""
    return frozenset(each.name for each in carriers(town.channels, town.facts))


def writing_first(kind: IdentifierKind, town: Town) -> ChannelName | None:
    """Return the channel by which the town writes to an address of a kind that it knows; None where none does."""
    for each in carriers(town.channels, town.facts):
        if each.writes_first and each.kind is not None and each.kind.name == kind:
            return each.name
    return None


def carriers(switched_on: Collection[ChannelName], known: KnownChannels) -> Iterator[ChannelFacts]:
    """Yield the channels that carry what a town sends: those its own are answered on, and always that of mail."""
    needed = {known[channel].answered_on for channel in switched_on}
    for each in known.values():
        if each.name == each.answered_on and (each.name in needed or each.form is Form.MAIL):
            yield each


def paced(sending: Sending, per_second: float | None) -> Sending:
    """Return how an account is used that may send so many a second, a second's worth at once; None: as it was.

    One at a time, a round of a lane could never be more than one.
    """
    if per_second is None:
        return sending
    return sending.model_copy(update={"per_second": per_second, "burst": max(1, int(per_second))})


def _rate_of(lane: str, town: Town) -> float | None:
    of_lane = (policy for name, policy in town.channels.items() if town.facts[name].lane == lane)
    return next((policy.per_second for policy in of_lane if policy.per_second is not None), None)
