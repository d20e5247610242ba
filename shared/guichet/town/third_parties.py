"""Whose code is not part of Guichet: the provider accounts of channels that other packages bring.

Each is served by an ingest host and a sender process of its own (docs/decisions/0041).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from guichet.contracts.accounts import AccountFacts
from guichet.contracts.channels import GATHERED, ChannelFacts, KnownChannels, Voucher
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import INBOUND_THIRD_PARTY
from guichet.town.channel_facts import known_channels
from guichet.town.demonstration import is_demonstration
from guichet.town.own_accounts import account_facts_of
from guichet.town.policies import ChannelList
from guichet.town.yaml_file import read_yaml

HAS_THE_ROLE_OF: Final = "ingest-social"  # a third party's host, in the store; and no other


@dataclass(frozen=True)
class ThirdParty:
    """One provider account. channels: those of its that the town switched on; takes_in, sends: whether any does.

    facts: of them counts what a local stack makes up; its processes are given all that begins with the provider's name.
    """

    provider: str
    channels: tuple[ChannelName, ...]
    takes_in: bool
    sends: bool
    facts: AccountFacts = field(default_factory=AccountFacts)

    @property
    def host(self) -> str:
        """Its ingest process, and that one's user on the broker and in the store."""
        return f"ingest-{self.provider}"

    @property
    def sender(self) -> str:
        """Its sender process, which has no user anywhere."""
        return f"sender-{self.provider}"


def third_parties(town: Path) -> tuple[ThirdParty, ...]:
    """Return those that a town's files switch on, by name; a demonstration runs nobody else's code.

    Raises SettingsError with a line per mistake.
    """
    if is_demonstration(town):
        return ()
    switched_on = read_yaml(town / "channels.yaml").parse(ChannelList).channels
    return third_parties_of(switched_on, known_channels(town))


def hosts_of(town: Path) -> tuple[str, ...]:
    """Return the ingest hosts of a town's third parties: each a user of the broker and of the store. Raises
    SettingsError."""
    return tuple(party.host for party in third_parties(town) if party.takes_in)


def third_parties_of(switched_on: Iterable[ChannelName], facts: KnownChannels) -> tuple[ThirdParty, ...]:
    """Return the third parties among channels. Pure."""
    found: dict[str, list[ChannelFacts]] = defaultdict(list)
    for name in sorted(switched_on):
        if name in facts.of_other_packages:
            found[facts[name].provider].append(facts[name])
    return tuple(
        ThirdParty(
            provider,
            tuple(each.name for each in channels),
            takes_in=any(each.topic is not None for each in channels),
            sends=any(each.lane == provider for each in channels),
            facts=account_facts_of(channels),
        )
        for provider, channels in sorted(found.items())
    )


def reason_against_provider(channel: ChannelName, facts: KnownChannels) -> str | None:
    """Return why a provider may not be called as its facts say, or None. Pure.

    The notifier's lanes bear the names of accounts: such a one would be handed another account's letters.
    """
    provider = facts[channel].provider
    if channel not in facts.of_other_packages or not provider.endswith(GATHERED):
        return None
    return f"its provider may not be called {provider}: so is where receipts of {provider.removesuffix(GATHERED)} wait."


def reason_against_topic(channel: ChannelName, facts: KnownChannels) -> str | None:
    """Return why a channel's messages may not come in where its facts say, or None. Pure.

    Hosts of third parties write on inbound-third-party alone, and nobody else does (docs/decisions/0041).
    """
    topic, theirs = facts[channel].topic, INBOUND_THIRD_PARTY.name
    if channel in facts.of_other_packages and topic not in {None, theirs}:
        return f"its messages must come in on {theirs} (topic), not on {topic}."
    if channel not in facts.of_other_packages and topic == theirs:
        return f"{theirs} (topic) is for channels of other packages; it is part of Guichet."
    return None


def reason_against_variables(channel: ChannelName, facts: KnownChannels) -> str | None:
    """Return why a channel's variables may not begin as its facts say, or None. Pure.

    A third party's begin with its provider's name: any other beginning may be that of somebody else's secrets.
    """
    if channel in facts.of_other_packages and (said := facts[channel].variables):
        return f"its variables begin with its provider's name; it may not say others (variables: {', '.join(said)})."
    return None


def reason_against_voucher(channel: ChannelName, facts: KnownChannels) -> str | None:
    """Return why nobody vouches for who writes on a channel as its facts say, or None. Pure.

    DMARC's verdict is what our own mail server found; from a third party's host it would be that party's word.
    """
    if channel in facts.of_other_packages and facts[channel].vouched_by is Voucher.MAIL_AUTHENTICATION:
        return "its mails are judged by nobody that the town knows (vouched_by): say nobody."
    return None
