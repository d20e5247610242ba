"""The town's account at Twilio, and where the town listens for it."""

from datetime import timedelta

from pydantic import Field

from citizen_sandbox.play.courier import TownAddress
from citizen_sandbox.play.settings import TileSettings


class TwilioSettings(TileSettings):
    """The same credentials as the town's. twilio_api_url: empty for the sandbox's own address."""

    sandbox_sms_webhook_url: str = "http://127.0.0.1:8011/webhooks/twilio/messages"
    sandbox_status_pause: timedelta = timedelta(seconds=0.3)

    twilio_account_sid: str
    twilio_auth_token: str = Field(repr=False)
    twilio_number: str
    twilio_whatsapp_number: str = ""
    twilio_api_url: str = ""
    twilio_public_url: str = ""

    @property
    def town(self) -> TownAddress:
        """The town's webhook, local and public."""
        return TownAddress(self.sandbox_sms_webhook_url, self.twilio_public_url)
