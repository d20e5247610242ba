"""The town's bot, and where the town listens for it."""

from pydantic import Field

from citizen_sandbox.play.courier import TownAddress
from citizen_sandbox.play.settings import TileSettings


class TelegramSettings(TileSettings):
    """The same token and secret as the town's. The webhook's address is where updates go until setWebhook is called."""

    sandbox_telegram_webhook_url: str = "http://127.0.0.1:8012/webhooks/telegram"

    telegram_token: str = Field(repr=False, pattern=r"^\d+:[\w-]+$")
    telegram_webhook_secret: str = Field(repr=False)
    telegram_public_url: str = ""

    @property
    def town(self) -> TownAddress:
        """The town's webhook, local and public."""
        return TownAddress(self.sandbox_telegram_webhook_url, self.telegram_public_url)
