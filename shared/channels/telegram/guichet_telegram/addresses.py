"""Where Telegram reaches the town: under the public base URL of its host."""

from typing import Final

TELEGRAM_UPDATES: Final = "/webhooks/telegram"
