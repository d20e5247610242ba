"""The composition root of ingest-sms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from guichet.channel.connect import connected_edge
from guichet.clock import Clock
from guichet.mongo.client import closing, connect
from guichet.runtime.background import in_background
from guichet.runtime.clock import clock_of
from guichet.runtime.health import Health
from guichet.runtime.server import serve
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.catch_ups import MongoCatchUps
from ingest_sms.domain.signature import TwilioSignature
from ingest_sms.entry.catch_up_rounds import Leading
from ingest_sms.entry.webhook import build_webhook
from ingest_sms.handlers.catch_up import CatchUp, Patience
from ingest_sms.handlers.fetch_media import TwilioMedia
from ingest_sms.handlers.list_messages import TwilioMessageList
from ingest_sms.handlers.take_message import SmsHandler
from ingest_sms.settings import IngestSmsSettings

SERVICE = "ingest-sms"
MEDIA_TIMEOUT_S = 8.0  # Twilio waits 15 s for the webhook's answer


async def run(settings: IngestSmsSettings) -> None:
    """Serve the webhooks and catch up with Twilio's list until SIGTERM. Raises SettingsError when the port is taken."""
    health, clock = Health(), clock_of(SERVICE)
    async with connected_edge(SERVICE, settings, health, clock.now) as edge, _api(settings) as api:
        handler = SmsHandler(
            edge=edge,
            message_id_key=settings.edge.message_id_key.get_secret_value(),
            complete=TwilioMedia(api).complete,
        )
        web = build_webhook(
            handler=handler,
            signature=_signature(settings),
            now=clock.now,
            probing=Probing(SERVICE, settings.probing, clock.now),
        )
        async with _catching_up(settings, handler, api, clock):
            await serve(web, settings.http, health)


def _api(settings: IngestSmsSettings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=str(settings.twilio.twilio_api_url),
        auth=(settings.twilio.twilio_account_sid, settings.twilio.twilio_auth_token.get_secret_value()),
        follow_redirects=True,  # to the provider's file server, where httpx leaves the credentials out
        timeout=MEDIA_TIMEOUT_S,
    )


def _signature(settings: IngestSmsSettings) -> TwilioSignature:
    shared_key = settings.twilio_webhook_key
    return TwilioSignature(
        public_url=str(settings.twilio.twilio_public_url),
        auth_token=settings.twilio.twilio_auth_token.get_secret_value(),
        shared_key=shared_key.get_secret_value() if shared_key else None,
    )


@asynccontextmanager
async def _catching_up(
    settings: IngestSmsSettings, handler: SmsHandler, api: httpx.AsyncClient, clock: Clock
) -> AsyncIterator[None]:
    with closing(connect(settings.mongo)) as database:
        catch_ups = MongoCatchUps(database)
        catch_up = CatchUp(
            messages=TwilioMessageList(api, settings.twilio.twilio_account_sid),
            handler=handler,
            catch_ups=catch_ups,
            numbers=settings.numbers,
            patience=Patience(
                grace=settings.twilio_catch_up_grace,
                files=settings.twilio_file_patience,
                window=settings.twilio_catch_up_window,
            ),
            now=clock.now,
        )
        leading = Leading(catch_up, catch_ups, settings.twilio_catch_up_every, clock)
        async with in_background(leading.run(), "catch-up"):
            yield
