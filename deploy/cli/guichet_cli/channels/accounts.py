"""The provider accounts that a town's channels need, and how operators know them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guichet.channel.host.errand import Answer, Request
from guichet.contracts.channels import ChannelFacts, KnownChannels, Words
from guichet.contracts.inbound import ChannelName
from guichet.errors import GuichetError, SettingsError
from guichet.runtime.settings import TownSettings, read_settings
from guichet.town.channel_facts import known_channels
from guichet.town.policies import ChannelList
from guichet.town.yaml_file import read_yaml
from guichet_cli.console.errands import channel_of_provider, errand


@dataclass(frozen=True)
class Account:
    """A provider account. channel: whose package speaks for it; called: as operators know it."""

    channel: ChannelName
    called: Words
    known: KnownChannels

    @property
    def title(self) -> str:
        """As operators know it, in English."""
        return self.called.en

    @property
    def prefixes(self) -> tuple[str, ...]:
        """How the names of its variables begin."""
        return self.known[self.channel].prefixes

    async def answer(self, request: Request, environment: Mapping[str, str] = os.environ) -> Answer:
        """Have its package's code do what is asked; code that ends or hangs is an answer, too."""
        try:
            async with errand(self.channel, self.known, environment) as code:
                return await code.ask(request)
        except SettingsError as error:
            return Answer(verdict="settings", lines=tuple(str(error).splitlines()))
        except GuichetError as error:
            return Answer(verdict="refused", lines=tuple(str(error).splitlines()))


def read_accounts(name: str | None) -> list[Account]:
    """Return the accounts of the channels that the town switched on. name: that one alone, of a channel that is known,
    or of a provider. Raises SettingsError.
    """
    town = read_settings(TownSettings).town
    return accounts_of(read_yaml(town / "channels.yaml").parse(ChannelList), known_channels(town), name)


def accounts_of(town: ChannelList, known: KnownChannels, name: str | None = None) -> list[Account]:
    """Return the same, of what was read. Pure."""
    on = [known[each] for each in town.channels]
    if name is None:
        wanted = [facts for facts in on if facts.topic or facts.is_electronic]
    else:
        wanted = [facts for facts in known.values() if name in (facts.name, facts.provider)]
    if name is not None and not wanted:
        raise SettingsError(f"{name} is no channel that is known here. See: guichet channels list")
    return [_account(provider, on, known) for provider in dict.fromkeys(facts.provider for facts in wanted)]


def _account(provider: ChannelName, on: Sequence[ChannelFacts], known: KnownChannels) -> Account:
    channel = channel_of_provider(provider, known)
    assert channel is not None, "a provider comes from a channel that is known"
    carried = [facts for facts in on if facts.provider == provider] or [known[channel]]
    whose = next((facts.processor for facts in carried if facts.processor), Words(fr=provider, en=provider))
    called = Words(
        fr=_title(whose.fr, [facts.title.fr for facts in carried]),
        en=_title(whose.en, [facts.title.en for facts in carried]),
    )
    return Account(channel, called, known)


def _title(whose: str, titles: Sequence[str]) -> str:
    told = ", ".join(titles)
    return whose if told == whose else f"{whose} ({told})"
