"""The channel portal: the form of the citizen portal, which is its only way in; it is answered by mail."""

from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel, Provider
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import read_facts

CHANNEL: Final = Channel(
    facts=read_facts(Path(__file__).with_name("portal.yaml")),
    provider=Provider("mail", SettingsGroup),  # the relay's account is the channel mail's: nothing of it is here
)
