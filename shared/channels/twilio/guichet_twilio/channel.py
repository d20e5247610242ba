"""SMS and WhatsApp: two channels, one account. Who takes messages in loads nothing that sends, nor the reverse."""

from contextlib import AbstractAsyncContextManager
from typing import Final

from guichet.channel.declaration import Accepted, Channel, Listener, Outbound, Provider, Webhook
from guichet.channel.lent import Host
from guichet.channel.outgoing.sender import Sender
from guichet.channel.payload import Incoming
from guichet.contracts.topics import MIB
from guichet_twilio import facts
from guichet_twilio.addresses import TWILIO_MESSAGES, TWILIO_STATUS
from guichet_twilio.read.signature import HEADERS
from guichet_twilio.settings import TwilioSettings
from guichet_twilio.sign import sign

MOST_BYTES: Final = 4 * MIB
NO_REPLY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def _public_url(settings: TwilioSettings) -> object:
    return settings.twilio_public_url


def _open_messages(settings: TwilioSettings, host: Host) -> AbstractAsyncContextManager[Incoming]:
    from guichet_twilio.webhooks import open_messages  # noqa: PLC0415

    return open_messages(settings, host)


def _open_reports(settings: TwilioSettings, host: Host) -> AbstractAsyncContextManager[Incoming]:
    from guichet_twilio.webhooks import open_reports  # noqa: PLC0415

    return open_reports(settings, host)


def _listen(settings: TwilioSettings, host: Host) -> AbstractAsyncContextManager[None]:
    from guichet_twilio.catch_up import listen  # noqa: PLC0415

    return listen(settings, host)


def _open_sender(settings: TwilioSettings) -> Sender:
    from guichet_twilio.send.sender import TwilioSender  # noqa: PLC0415

    return TwilioSender(settings)


async def _check(settings: TwilioSettings) -> list[str]:
    from guichet_twilio.check import check_twilio  # noqa: PLC0415

    return await check_twilio(settings)


MESSAGES: Final = Webhook(
    TWILIO_MESSAGES,
    _open_messages,
    _public_url,
    sign,
    proof=HEADERS,
    most_bytes=MOST_BYTES,
    accepted=Accepted(body=NO_REPLY, media_type="text/xml"),
)
REPORTS: Final = Webhook(
    TWILIO_STATUS,
    _open_reports,
    _public_url,
    sign,
    proof=HEADERS,
    most_bytes=MOST_BYTES,
    accepted=Accepted(204),
    carries="reports",
)
TWILIO: Final = Provider(
    name=facts.SMS.provider,
    settings=TwilioSettings,
    inbound=(MESSAGES, REPORTS, Listener(_listen)),
    outbound=Outbound(_open_sender),
    check=_check,
)

SMS: Final = Channel(facts.SMS, TWILIO)
WHATSAPP: Final = Channel(facts.WHATSAPP, TWILIO)
