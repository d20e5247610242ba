"""What the town's account at Twilio needs to be told, read from the environment of each process that runs this code."""

from datetime import timedelta

from pydantic import AnyHttpUrl, Field, SecretStr

from guichet.runtime.settings import SettingsGroup, SharedSecret


class TwilioSettings(SettingsGroup):
    """The town's account, its numbers, and how long its webhooks and its list are waited for."""

    twilio_account_sid: str = Field(description="The account's SID, from Twilio's console.")
    twilio_auth_token: SharedSecret = Field(description="Its auth token; Twilio signs its webhooks with it, too.")
    twilio_api_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.twilio.com"),
        description="The sandbox's address when you play; Twilio's own by default.",
    )
    twilio_number: str = Field(description="The number that SMS come to and leave from, as +33….")
    twilio_whatsapp_number: str | None = Field(
        default=None, description="The number on WhatsApp, likewise; unset: the town has none."
    )
    twilio_public_url: AnyHttpUrl = Field(description="Base URL of ingest-sms as Twilio sees it; signatures cover it.")
    twilio_webhook_key: SecretStr | None = Field(
        default=None,
        description="Shared key of a webhook rule that signs with HMAC_SHA256; unset: the auth token signs.",
    )
    twilio_catch_up_every: timedelta = Field(
        default=timedelta(minutes=5),
        description="How often Twilio's list is asked for what a refused webhook left behind.",
    )
    twilio_catch_up_grace: timedelta = Field(
        default=timedelta(minutes=1),
        description="What is younger may be at the webhook this very moment, and is left to it.",
    )
    twilio_catch_up_window: timedelta = Field(
        default=timedelta(days=2),
        description=(
            "How far back the first look goes, when a number is new; from then on it goes on where the last one"
            " ended, however long ago."
        ),
    )
    twilio_file_patience: timedelta = Field(
        default=timedelta(hours=1),
        description="How old a message gets before it is taken in without a file that Twilio does not hand over.",
    )

    @property
    def numbers(self) -> tuple[str, ...]:
        """The town's numbers as Twilio writes them."""
        whatsapp = self.twilio_whatsapp_number
        return (self.twilio_number, *([f"whatsapp:{whatsapp}"] if whatsapp else []))
