"""The provider accounts of Guichet's own channels, as the processes of a town need to know them.

Their messages come in by hosts that several accounts share; each has a sender process of its own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from guichet.contracts.accounts import AccountFacts, Variable
from guichet.contracts.channels import ChannelFacts, KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import INBOUND_DESK
from guichet.errors import SettingsError
from guichet.town.channel_facts import installed_facts, known_channels
from guichet.town.demonstration import is_demonstration
from guichet.town.policies import ChannelList
from guichet.town.provider_accounts import carriers
from guichet.town.yaml_file import read_yaml


@dataclass(frozen=True)
class OwnAccount:
    """One provider account. prefixes: of its variables; facts: what its processes are told.

    topics: on which messages of channels come in that the town switched on, with the English titles of these channels;
    sends: whether letters leave by it.
    """

    provider: str
    prefixes: tuple[Variable, ...]
    topics: Mapping[str, tuple[str, ...]]
    sends: bool
    facts: AccountFacts = field(default_factory=AccountFacts)

    @property
    def sender(self) -> str:
        """Its sender process, which has no user anywhere."""
        return f"sender-{self.provider}"


def own_accounts(town: Path) -> tuple[OwnAccount, ...]:
    """Return those that a town's files have a use for. Raises SettingsError with a line per mistake.

    A demonstration has no sender at all (docs/decisions/0056).
    """
    switched_on = read_yaml(town / "channels.yaml").parse(ChannelList).channels
    accounts = own_accounts_of(switched_on, known_channels(town))
    return tuple(replace(each, sends=False) for each in accounts) if is_demonstration(town) else accounts


def every_own_account() -> tuple[OwnAccount, ...]:
    """Return those of a town that switched on every channel of Guichet's. Raises SettingsError."""
    return own_accounts_of(installed_facts(), KnownChannels(installed_facts()))


def own_accounts_of(switched_on: Collection[ChannelName], known: KnownChannels) -> tuple[OwnAccount, ...]:
    """Return the accounts that are used: messages come in by one, or letters leave. By provider. Pure.

    Raises SettingsError where two channels say what processes of their account are told.
    """
    own = [facts for name, facts in known.items() if name not in known.of_other_packages]
    sending = {facts.provider for facts in carriers(switched_on, known)}
    used = []
    for provider in sorted({facts.provider for facts in own}):
        channels = [facts for facts in own if facts.provider == provider]
        topics = _topics_of(each for each in channels if each.name in switched_on)
        if topics or provider in sending:
            prefixes = tuple(dict.fromkeys(prefix for each in channels for prefix in each.prefixes))
            used.append(OwnAccount(provider, prefixes, topics, provider in sending, account_facts_of(channels)))
    return tuple(used)


def _topics_of(channels: Iterable[ChannelFacts]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in channels:
        if each.topic is not None and each.topic != INBOUND_DESK.name:  # no account brings what an agent takes down
            found[each.topic] = (*found.get(each.topic, ()), each.title.en)
    return found


def account_facts_of(channels: Collection[ChannelFacts]) -> AccountFacts:
    """Return what the channels of an account say of it. Raises SettingsError where two of them do. Pure."""
    said = {each.name: each.account for each in channels if each.account is not None}
    if len(said) > 1:
        raise SettingsError(f"channels {' and '.join(said)} share an account: let one of them alone say `account`.")
    return next(iter(said.values()), AccountFacts())
