"""The settings of ingest-sms, read once, in `__main__`."""

from datetime import timedelta

from pydantic import SecretStr

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, ProbingSettings, TwilioSettings


class IngestSmsSettings(AdapterSettings, TwilioSettings, ProbingSettings, HttpSettings):
    """twilio_webhook_key: the shared key of a webhook rule that signs with HMAC_SHA256; None: the auth token signs.

    twilio_catch_up_every: how often Twilio's list is asked for what a refused webhook left behind.
    twilio_catch_up_grace: what is younger may be at the webhook this very moment, and is left to it.
    twilio_catch_up_window: how far back; longer than any outage of ingest-sms that is to be made good.
    """

    twilio_webhook_key: SecretStr | None = None
    twilio_catch_up_every: timedelta = timedelta(minutes=5)
    twilio_catch_up_grace: timedelta = timedelta(minutes=1)
    twilio_catch_up_window: timedelta = timedelta(days=2)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The town's numbers as Twilio writes them."""
        whatsapp = (f"whatsapp:{self.twilio_whatsapp_number}",) if self.twilio_whatsapp_number else ()
        return (self.twilio_number, *whatsapp)
