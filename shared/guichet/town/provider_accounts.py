"""The provider accounts by which a town sends, and how each may be used. Pure."""

from collections.abc import Mapping

from guichet.contracts.channels import Form, Sending
from guichet.town.town import Town


def accounts_of(town: Town) -> Mapping[str, Sending]:
    """Return them by lane: those of the town's channels, and always the one for mail, which the portal answers by.

    Of channels that share an account, the first one's facts count: they are the account's.
    """
    carriers = [facts for facts in town.facts.values() if facts.name == facts.answered_on]
    needed = {town.facts[channel].answered_on for channel in town.channels}
    lanes: dict[str, Sending] = {}
    for each in carriers:
        if each.name in needed or each.form is Form.MAIL:
            lanes.setdefault(each.provider, each.sending)
    return lanes
