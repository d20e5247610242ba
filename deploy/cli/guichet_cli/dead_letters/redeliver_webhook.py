"""Hand a payload in at an adapter's webhook, as its provider does and with the provider's proof."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import httpx
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from guichet.channel.addresses import TELEGRAM_UPDATES, webhook_url
from guichet.runtime.settings import read_settings
from guichet_cli.dead_letters.redelivery import Redeliver, RedeliveryError
from guichet_telegram.settings import TelegramSettings
from guichet_twilio.addresses import TWILIO_MESSAGES
from guichet_twilio.settings import TwilioSettings

TIMEOUT_S: Final = 60.0
TELEGRAM_SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name


def twilio_redelivery(payload: bytes) -> Redeliver:
    """Return what posts Twilio's form to ingest-sms, signed. Raises SettingsError."""
    settings = read_settings(TwilioSettings)
    address = webhook_url(settings.twilio_public_url, TWILIO_MESSAGES)
    form = ImmutableMultiDict(parse_qsl(payload.decode("latin-1"), keep_blank_values=True, errors="replace"))
    signature = RequestValidator(settings.twilio_auth_token.get_secret_value()).compute_signature(address, form)
    return _post(address, payload, {SIGNATURE_HEADER: signature, "Content-Type": "application/x-www-form-urlencoded"})


def telegram_redelivery(payload: bytes) -> Redeliver:
    """Return what posts Telegram's update to ingest-social, with the secret. Raises SettingsError."""
    settings = read_settings(TelegramSettings)
    secret = settings.telegram_webhook_secret.get_secret_value()
    address = webhook_url(settings.telegram_public_url, TELEGRAM_UPDATES)
    return _post(address, payload, {TELEGRAM_SECRET_HEADER: secret, "Content-Type": "application/json"})


def _post(address: str, payload: bytes, headers: Mapping[str, str]) -> Redeliver:
    async def redeliver() -> None:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.post(address, content=payload, headers=headers)
        except httpx.HTTPError as exc:
            raise RedeliveryError(f"{address} does not answer ({type(exc).__name__}): does the adapter run?") from None
        if not answer.is_success:
            raise RedeliveryError(f"{address} answered {answer.status_code}: see the adapter's log")

    return redeliver
