"""The settings of ingest-social, read once, in `__main__`."""

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, ProbingSettings, TelegramSettings


class IngestSocialSettings(AdapterSettings, TelegramSettings, ProbingSettings, HttpSettings):
    """What every adapter needs, the webhooks' port, and the town's Telegram bot."""

    @property
    def telegram_bot(self) -> str:
        """The bot's numeric id: what stands before the colon of its token, no secret."""
        return self.telegram_token.get_secret_value().partition(":")[0]
