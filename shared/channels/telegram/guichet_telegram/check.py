"""Try the Telegram bot, and tell Telegram where it reaches us, by python-telegram-bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError

from guichet.channel.addresses import webhook_url
from guichet.errors import GuichetError
from guichet_telegram.addresses import TELEGRAM_UPDATES
from guichet_telegram.settings import TelegramSettings

WANTED = ("message", "edited_message")  # what ingest-social files; Telegram keeps the rest to itself


async def check_telegram(settings: TelegramSettings) -> list[str]:
    """Return the bot's name and its webhook. Raises GuichetError when Telegram refuses, or knows another address."""
    wanted = webhook_url(settings.telegram_public_url, TELEGRAM_UPDATES)
    async with _bot(settings) as bot:
        webhook = await bot.get_webhook_info()
        name = bot.username
    if webhook.url != wanted:
        raise GuichetError(
            f"@{name}: webhook to register is {wanted}, Telegram has {webhook.url or 'none'}."
            " Run: guichet channels register"
        )
    waiting = f"{webhook.pending_update_count} updates wait"
    return [f"@{name}", f"webhook {webhook.url}", waiting, *filter(None, [webhook.last_error_message])]


async def register_telegram(settings: TelegramSettings) -> list[str]:
    """Set the webhook's address and secret, and return the address. Raises GuichetError."""
    address = webhook_url(settings.telegram_public_url, TELEGRAM_UPDATES)
    secret = settings.telegram_webhook_secret.get_secret_value()
    async with _bot(settings) as bot:
        await bot.set_webhook(address, secret_token=secret, allowed_updates=WANTED)
    return [address]


@asynccontextmanager
async def _bot(settings: TelegramSettings) -> AsyncIterator[Bot]:
    base = str(settings.telegram_api_url).rstrip("/")
    try:
        async with Bot(settings.telegram_token.get_secret_value(), base_url=f"{base}/bot") as bot:
            yield bot
    except InvalidToken as exc:
        raise GuichetError("GUICHET_TELEGRAM_TOKEN: Telegram does not know this token") from exc
    except NetworkError as exc:
        raise GuichetError(f"Telegram: no answer ({type(exc).__name__})") from None  # its text may carry the token
    except TelegramError as exc:
        raise GuichetError(f"Telegram: {exc.message}") from exc
