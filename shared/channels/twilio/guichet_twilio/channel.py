"""SMS and WhatsApp: two channels, one account."""

from typing import Final

from guichet.channel.addresses import TWILIO_MESSAGES, TWILIO_STATUS
from guichet.channel.declaration import Accepted, Channel, Listener, Provider, Webhook
from guichet_twilio import facts
from guichet_twilio.catch_up import listen
from guichet_twilio.check import check_twilio
from guichet_twilio.read.signature import HEADERS
from guichet_twilio.settings import TwilioSettings
from guichet_twilio.webhooks import MOST_BYTES, NO_REPLY, open_messages, open_reports, sign


def _public_url(settings: TwilioSettings) -> object:
    return settings.twilio_public_url


MESSAGES: Final = Webhook(
    TWILIO_MESSAGES,
    open_messages,
    _public_url,
    sign,
    keeps=HEADERS,
    most_bytes=MOST_BYTES,
    accepted=Accepted(body=NO_REPLY, media_type="text/xml"),
)
REPORTS: Final = Webhook(
    TWILIO_STATUS,
    open_reports,
    _public_url,
    sign,
    keeps=HEADERS,
    most_bytes=MOST_BYTES,
    accepted=Accepted(204),
    carries="reports",
)
TWILIO: Final = Provider(
    name=facts.SMS.provider,
    settings=TwilioSettings,
    inbound=(MESSAGES, REPORTS, Listener(listen)),
    check=check_twilio,
)

SMS: Final = Channel(facts.SMS, TWILIO)
WHATSAPP: Final = Channel(facts.WHATSAPP, TWILIO)
