"""The settings of ingest-sms, read once, in `__main__`."""

from datetime import timedelta

from pydantic import SecretStr

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, MongoSettings, ProbingSettings, TwilioSettings


class IngestSmsSettings(AdapterSettings):
    """twilio_webhook_key: the shared key of a webhook rule that signs with HMAC_SHA256; None: the auth token signs.

    twilio_catch_up_every: how often Twilio's list is asked for what a refused webhook left behind.
    twilio_catch_up_grace: what is younger may be at the webhook this very moment, and is left to it.
    twilio_catch_up_window: how far back the first look goes, when a number is new; from then on it goes on where the
    last one ended, however long ago.
    twilio_file_patience: how old a message gets before it is taken in without a file that Twilio does not hand over.
    """

    mongo: MongoSettings
    twilio: TwilioSettings
    probing: ProbingSettings
    http: HttpSettings
    twilio_webhook_key: SecretStr | None = None
    twilio_catch_up_every: timedelta = timedelta(minutes=5)
    twilio_catch_up_grace: timedelta = timedelta(minutes=1)
    twilio_catch_up_window: timedelta = timedelta(days=2)
    twilio_file_patience: timedelta = timedelta(hours=1)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The town's numbers as Twilio writes them."""
        whatsapp = self.twilio.twilio_whatsapp_number
        return (self.twilio.twilio_number, *([f"whatsapp:{whatsapp}"] if whatsapp else []))
