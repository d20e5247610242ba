"""What a channel that is not part of Guichet may say of itself. Pure."""

from collections.abc import Iterator

from guichet.contracts.channels import ChannelFacts, KnownChannels
from guichet.errors import SettingsError
from guichet.town.channel_facts import installed_facts
from guichet.town.policies import ChannelList
from guichet.town.third_parties import (
    ThirdParty,
    reason_against_provider,
    reason_against_topic,
    reason_against_variables,
    reason_against_voucher,
    third_parties_of,
)
from guichet_topology.third_parties import services_with


def checked(facts: ChannelFacts, known: KnownChannels, town: ChannelList) -> ThirdParty:
    """Return whose a new channel is. Raises SettingsError with a line for each thing that a third party may not say."""
    others = {name: each for name, each in known.items() if name != facts.name}
    together = KnownChannels(others | {facts.name: facts}, of_other_packages=known.of_other_packages | {facts.name})
    so_far = KnownChannels(others, known.of_other_packages)
    against = (reason_against_provider, reason_against_topic, reason_against_variables, reason_against_voucher)
    reasons = (reason(facts.name, together) for reason in against)
    complaints = filter(None, (*reasons, *_complaints(facts, so_far)))
    if text := "\n".join(f"channel {facts.name}: {each}" for each in complaints):
        raise SettingsError(text)
    parties = third_parties_of({*town.channels, facts.name}, together)
    services_with(parties)
    return next(party for party in parties if party.provider == facts.provider)


def _complaints(facts: ChannelFacts, known: KnownChannels) -> Iterator[str]:
    if "." in facts.provider:
        yield f"its provider {facts.provider} has a dot, which no variable may have."
    if facts.provider in {known[name].provider for name in installed_facts()}:
        yield f"its provider {facts.provider} is an account of Guichet's own channels; it needs one of its own."
    for way in (facts.answered_on, facts.reached_by):
        if way not in {None, facts.name} and known[way].provider != facts.provider:
            yield f"it may not be answered on {way}, which another account carries."
    there = known.kinds.get(facts.kind.name) if facts.kind is not None else None
    if facts.kind is not None and there is not None and there.pattern != facts.kind.pattern:
        yield f"its kind of address {facts.kind.name} is there already, with another pattern."
