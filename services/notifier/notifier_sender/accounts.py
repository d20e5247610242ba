"""The accounts that there are senders for, by lane: each reads its own settings, and no other account's."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from guichet.channel.outgoing.sender import Outgoing
from guichet.errors import SettingsError
from guichet.runtime.settings import SmtpSettings, TelegramBotSettings, TwilioSettings, read_settings

Now = Callable[[], datetime]


def open_account(lane: str, now: Now) -> Outgoing:
    """Return the sender of a lane. Raises SettingsError for a lane that nobody sends for, and for its settings."""
    if lane not in _ACCOUNTS:
        raise SettingsError(f"GUICHET_LANE is {lane!r}, which nobody sends for. There are: {', '.join(_ACCOUNTS)}.")
    return _ACCOUNTS[lane](now)


def _mail(now: Now) -> Outgoing:
    from notifier_sender.senders.mail import MailSender  # noqa: PLC0415  a provider's library is in its process alone

    return MailSender(read_settings(SmtpSettings), clock=now)


def _twilio(_now: Now) -> Outgoing:
    from notifier_sender.senders.twilio_sms import TwilioSender  # noqa: PLC0415

    return TwilioSender(read_settings(TwilioSettings))


def _telegram(_now: Now) -> Outgoing:
    from notifier_sender.senders.telegram import TelegramSender  # noqa: PLC0415

    bot = read_settings(TelegramBotSettings)
    return TelegramSender(bot.telegram_token.get_secret_value(), str(bot.telegram_api_url))


_ACCOUNTS: Final[Mapping[str, Callable[[Now], Outgoing]]] = {"mail": _mail, "twilio": _twilio, "telegram": _telegram}
