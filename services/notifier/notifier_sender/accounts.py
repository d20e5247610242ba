"""The sender of an account, found by its lane: it reads its own settings, and no other account's."""

from guichet.channel.host.discovery import providers_of
from guichet.channel.outgoing.sender import Outgoing
from guichet.errors import SettingsError
from guichet.runtime.settings import read_settings
from guichet.town.channel_facts import installed_facts


def open_account(lane: str) -> Outgoing:
    """Return the sender of a lane: its package's. Raises SettingsError for a lane that nobody sends for, and for its
    settings."""
    facts = installed_facts()
    for provider in providers_of(name for name, known in facts.items() if known.provider == lane):
        if provider.outbound is not None:
            return provider.outbound.open(read_settings(provider.sending_settings))
    lanes = sorted({known.lane for known in facts.values() if known.lane is not None})
    raise SettingsError(f"GUICHET_LANE is {lane!r}, which nobody sends for. There are: {', '.join(lanes)}.")
