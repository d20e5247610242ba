"""How what came on a channel seizes the town in law (docs/law.md 3, 15), as the town decided of the channel. Pure."""

from guichet.contracts.inbound import ChannelName
from guichet.law.clocks.facts import Saisine
from guichet.town.policies import SveStatus
from guichet.town.town import Town


def saisine_on(town: Town, channel: ChannelName, *, from_people: bool, by_hand: bool) -> Saisine:
    """Return it. What a machine sent seizes nobody, and no receipt goes to it. by_hand: an agent took it down."""
    if not from_people or town.policy(channel).sve_status is not SveStatus.SAISINE:
        return Saisine.CONTACT_ONLY
    is_electronic = not by_hand and town.facts[channel].is_electronic
    return Saisine.ELECTRONIC if is_electronic else Saisine.STAMPED
