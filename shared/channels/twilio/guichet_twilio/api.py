"""How Twilio's API is asked over plain HTTP (docs/decisions/0008)."""

import ssl
from functools import cache
from typing import Final

import httpx

from guichet_twilio.settings import TwilioSettings

TIMEOUT_S: Final = 8.0  # Twilio waits 15 s for the webhook's answer


def twilio_api(settings: TwilioSettings) -> httpx.AsyncClient:
    """Return a client with the API as base address and the account's credentials."""
    return httpx.AsyncClient(
        base_url=str(settings.twilio_api_url),
        auth=(settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()),
        follow_redirects=True,  # to the provider's file server, where httpx leaves the credentials out
        timeout=TIMEOUT_S,
        verify=_authorities(),
    )


@cache
def _authorities() -> ssl.SSLContext:
    """Read whose certificates are believed once for all clients."""
    return httpx.create_ssl_context()
