"""What is known of Twilio's channels, read from this package's files. One account: both speak its words."""

from pathlib import Path
from typing import Final

from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound import ChannelName
from guichet.town.channel_facts import read_facts

SMS: Final = read_facts(Path(__file__).with_name("sms.yaml"))
WHATSAPP: Final = read_facts(Path(__file__).with_name("whatsapp.yaml"))


def facts_of(channel: ChannelName) -> ChannelFacts:
    """Return what is known of one of the two."""
    return WHATSAPP if channel == WHATSAPP.name else SMS
