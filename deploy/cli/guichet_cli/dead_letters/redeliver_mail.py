"""Hand a mail in by LMTP, as the town's mail server does."""

import asyncio

from guichet.channel.envelope import Envelope
from guichet.errors import GuichetError
from guichet.runtime.settings import read_settings
from guichet_cli.dead_letters.redelivery import Redeliver, RedeliveryError
from guichet_mail.redeliver import hand_in
from guichet_mail.settings import MailSettings


def mail_redelivery(payload: bytes) -> Redeliver:
    """Return what hands the mail in, for the recipients that it came for. Raises PermanentError, SettingsError."""
    envelope, settings = Envelope.from_bytes(payload), read_settings(MailSettings)

    async def redeliver() -> None:
        try:
            await asyncio.to_thread(hand_in, envelope, settings)
        except GuichetError as error:
            raise RedeliveryError(str(error)) from None

    return redeliver
