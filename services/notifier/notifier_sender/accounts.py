"""The accounts that there are senders for, by lane: each reads its own settings, and no other account's."""

from collections.abc import Callable, Mapping
from typing import Final

from guichet.channel.host.discovery import providers_of
from guichet.channel.outgoing.sender import Outgoing
from guichet.errors import SettingsError
from guichet.runtime.settings import TwilioSettings, read_settings
from guichet.town.channel_facts import installed_facts


def open_account(lane: str) -> Outgoing:
    """Return the sender of a lane: its package's. Raises SettingsError for a lane that nobody sends for, and for its
    settings."""
    if lane in _ACCOUNTS:
        return _ACCOUNTS[lane]()
    facts = installed_facts()
    for provider in providers_of(name for name, known in facts.items() if known.provider == lane):
        if provider.outbound is not None:
            return provider.outbound.open(read_settings(provider.sending_settings))
    lanes = sorted({known.lane for known in facts.values() if known.lane is not None})
    raise SettingsError(f"GUICHET_LANE is {lane!r}, which nobody sends for. There are: {', '.join(lanes)}.")


def _twilio() -> Outgoing:
    from notifier_sender.senders.twilio_sms import TwilioSender  # noqa: PLC0415  its library is in its process alone

    return TwilioSender(read_settings(TwilioSettings))


_ACCOUNTS: Final[Mapping[str, Callable[[], Outgoing]]] = {"twilio": _twilio}
