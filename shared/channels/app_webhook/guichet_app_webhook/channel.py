"""App webhook, declared: all that Guichet is told of the code of this channel."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from guichet.channel.declaration import Channel, Outbound, Provider, Webhook
from guichet.channel.lent import Host
from guichet.channel.payload import Incoming, Payload
from guichet.channel.proofs import StandardWebhooks
from guichet.town.channel_facts import read_facts
from guichet_app_webhook.incoming import AppWebhookIncoming, proof
from guichet_app_webhook.send import MESSAGES, AppWebhookSender
from guichet_app_webhook.settings import AppWebhookSettings

FACTS: Final = read_facts(Path(__file__).with_name("app-webhook.yaml"))


@asynccontextmanager
async def _open(settings: AppWebhookSettings, host: Host) -> AsyncIterator[Incoming]:
    yield AppWebhookIncoming(settings, host)


def _sign(settings: AppWebhookSettings, payload: Payload) -> Mapping[str, str]:
    return {"Content-Type": "application/json", **proof(settings).sign(payload)}


def _sender(settings: AppWebhookSettings) -> AppWebhookSender:
    token = settings.app_webhook_token.get_secret_value()
    return AppWebhookSender(settings.app_webhook_api_url, token, FACTS.reasons)


async def _check(settings: AppWebhookSettings) -> list[str]:
    proof(settings)
    return await _sender(settings).check(MESSAGES)


PROVIDER: Final = Provider(
    name="app-webhook",
    settings=AppWebhookSettings,
    inbound=(
        Webhook(
            path="/webhooks/app-webhook",
            open=_open,
            public_url=lambda settings: settings.app_webhook_public_url,
            sign=_sign,
            keeps=StandardWebhooks.KEPT,
            proof=StandardWebhooks.PROOF,
        ),
    ),
    outbound=Outbound(open=_sender),
    check=_check,
)
CHANNEL: Final = Channel(facts=FACTS, provider=PROVIDER)
