"""The settings of ingest-social, read once, in `__main__`."""

from datetime import timedelta

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, ProbingSettings, TelegramSettings


class IngestSocialSettings(AdapterSettings):
    """What every adapter needs, the webhooks' port, and the town's Telegram bot.

    telegram_file_patience: how long a file is asked for that Telegram does not hand over.
    """

    telegram: TelegramSettings
    probing: ProbingSettings
    http: HttpSettings
    telegram_file_patience: timedelta = timedelta(hours=1)

    @property
    def telegram_bot(self) -> str:
        """The bot's numeric id: what stands before the colon of its token, no secret."""
        return self.telegram.telegram_token.get_secret_value().partition(":")[0]
