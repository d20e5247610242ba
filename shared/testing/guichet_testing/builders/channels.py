"""The channels that come with Guichet, and all that is known of them."""

from typing import Final

from guichet.contracts.channels import KnownChannels
from guichet.town.channel_facts import installed_facts

FACTS: Final = KnownChannels(installed_facts())
CHANNELS: Final = tuple(FACTS)
KINDS: Final = tuple(FACTS.kinds)
