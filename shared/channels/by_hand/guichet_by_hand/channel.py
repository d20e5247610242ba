"""The channels that an agent enters by hand: no host opens them, and nothing leaves by them."""

from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel, Provider
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import read_facts

_HERE: Final = Path(__file__).parent
_BY_HAND: Final = Provider("by-hand", SettingsGroup)
PHONE: Final = Channel(facts=read_facts(_HERE / "phone.yaml"), provider=_BY_HAND)
LETTER: Final = Channel(facts=read_facts(_HERE / "letter.yaml"), provider=_BY_HAND)
COUNTER: Final = Channel(facts=read_facts(_HERE / "counter.yaml"), provider=_BY_HAND)
