"""The account that the tests of this package play with, and what a host lends it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from guichet.channel.declaration import Provider, Webhook
from guichet.channel.host.webhooks import webhook_routes
from guichet.channel.lent import Host
from guichet.channel.web import webhook_app
from guichet.contracts.topics import INBOUND_SMS
from guichet.privacy.pseudonyms import message_id
from guichet_testing.conformance.world import World
from guichet_twilio.settings import TwilioSettings

PUBLIC, API, TOKEN = "https://sms.mairie.example", "https://api.twilio.example", "a token of the sandbox"
NUMBER = "+33700000000"
SETTINGS = TwilioSettings.model_validate(
    {
        "twilio_account_sid": "AC1",
        "twilio_auth_token": TOKEN,
        "twilio_api_url": API,
        "twilio_number": NUMBER,
        "twilio_public_url": PUBLIC,
    }
)
NAME = partial(message_id, b"k" * 32)


def lent(world: World) -> Host:
    """Return what ingest-sms lends the account."""
    return world.lend("twilio", INBOUND_SMS)


@asynccontextmanager
async def serving(webhook: Webhook[TwilioSettings], host: Host) -> AsyncIterator[FastAPI]:
    """Open one webhook as a host does."""
    web = webhook_app("sms")
    provider = Provider("twilio", TwilioSettings, inbound=(webhook,))
    async with webhook_routes(provider, SETTINGS, host) as routes:
        web.include_router(routes)
        yield web
