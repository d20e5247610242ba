"""The composition root of ingest-social."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

import httpx
from fastapi import APIRouter

from guichet.channel.connect import connected_edge
from guichet.channel.draft import Draft
from guichet.channel.edge import Edge
from guichet.channel.web import webhook_app
from guichet.clock import Clock
from guichet.contracts.topics import INBOUND_SOCIAL
from guichet.runtime.background import in_background
from guichet.runtime.clock import clock_of
from guichet.runtime.health import Health
from guichet.runtime.server import serve
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet_telegram.fetch_files import TelegramFiles
from guichet_telegram.late_files import LateFiles
from guichet_telegram.read.update import Ignored, IncomingTelegram, parse_update, salvage_update
from guichet_telegram.webhook import telegram_routes
from ingest_social.settings import IngestSocialSettings

SERVICE = "ingest-social"
FILE_TIMEOUT_S = 20.0  # Telegram waits about a minute for the webhook's answer

Network = Callable[[IngestSocialSettings, Edge, Clock], AbstractAsyncContextManager[APIRouter]]


@asynccontextmanager
async def telegram(settings: IngestSocialSettings, edge: Edge, clock: Clock) -> AsyncIterator[APIRouter]:
    """Open what Telegram's routes need, and return them."""
    token = settings.telegram.telegram_token.get_secret_value()
    key = settings.edge.message_id_key.get_secret_value()

    def parse(body: bytes, received_at: datetime) -> IncomingTelegram | Ignored:
        return parse_update(body, bot=settings.telegram_bot, key=key, received_at=received_at)

    def salvage(body: bytes, received_at: datetime) -> Draft:
        return salvage_update(body, bot=settings.telegram_bot, key=key, received_at=received_at)

    async with httpx.AsyncClient(base_url=str(settings.telegram.telegram_api_url), timeout=FILE_TIMEOUT_S) as api:
        late = LateFiles(
            TelegramFiles(api, token),
            partial(edge.accept, INBOUND_SOCIAL),
            patience=settings.telegram_file_patience,
            clock=clock,
        )
        async with in_background(late.run(), "late-files"):
            yield telegram_routes(
                edge=edge,
                secret=settings.telegram.telegram_webhook_secret.get_secret_value(),
                parse=parse,
                salvage=salvage,
                complete=late.complete,
                follow=late.follow,
                now=clock.now,
            )


NETWORKS: dict[str, Network] = {"telegram": telegram}
"""Every network that ingest-social speaks; a new one is a webhook, a parse file and a line here."""


async def run(settings: IngestSocialSettings) -> None:
    """Serve every network's webhook until SIGTERM. Raises SettingsError when the port is taken."""
    health, clock = Health(), clock_of(SERVICE)
    async with connected_edge(SERVICE, settings, health, clock.now) as edge, AsyncExitStack() as stack:
        web = webhook_app("social", probing=Probing(SERVICE, settings.probing, clock.now))
        for open_network in NETWORKS.values():
            web.include_router(await stack.enter_async_context(open_network(settings, edge, clock)))
        await serve(web, settings.http, health)
