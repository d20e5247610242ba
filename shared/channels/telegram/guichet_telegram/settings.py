"""The settings of the town's Telegram bot, for every process that runs this package's code."""

from datetime import timedelta

from pydantic import AnyHttpUrl, Field

from guichet.runtime.settings import SettingsGroup, SharedSecret


class BotSettings(SettingsGroup):
    """The town's Telegram bot, as who sends for it knows it."""

    telegram_token: SharedSecret = Field(description="The bot's token, as @BotFather gave it.")
    telegram_api_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.telegram.org"),
        description="The sandbox's address when you play; Telegram's own by default.",
    )


class TelegramSettings(BotSettings):
    """The same, as who receives for it knows it."""

    telegram_webhook_secret: SharedSecret = Field(
        description="A random word that `guichet channels register` gives Telegram, and that each update comes with."
    )
    telegram_public_url: AnyHttpUrl = Field(description="Base URL of ingest-social as Telegram sees it.")
    telegram_file_patience: timedelta = Field(
        default=timedelta(hours=1),
        description="How long a file is asked for that Telegram does not hand over; its message is taken in at once.",
    )

    @property
    def bot(self) -> str:
        """The bot's numeric id: what stands before the colon of its token, no secret."""
        return self.telegram_token.get_secret_value().partition(":")[0]
