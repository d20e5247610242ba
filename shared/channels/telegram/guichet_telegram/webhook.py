"""Telegram's webhook. 200 is a promise: the broker holds the message. Source: core.telegram.org/bots/api#setwebhook."""

import hmac
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx

from guichet.channel.declaration import Webhook
from guichet.channel.draft import Draft
from guichet.channel.lent import Host
from guichet.channel.payload import Incoming, Payload
from guichet.channel.refusals import UnverifiedSourceError
from guichet.contracts.inbound_content import Identifier
from guichet.runtime.background import in_background
from guichet.runtime.telemetry.metrics import UPDATES_IGNORED
from guichet_telegram.addresses import TELEGRAM_UPDATES
from guichet_telegram.fetch_files import TelegramFiles
from guichet_telegram.late_files import LateFiles
from guichet_telegram.read.update import Ignored, parse_update, salvage_update, senders_of
from guichet_telegram.settings import TelegramSettings

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
FILE_TIMEOUT_S: Final = 20.0  # Telegram waits about a minute for the webhook's answer


class TelegramUpdates(Incoming):
    """late: fetches the files, those that do not come at once after their message is accepted."""

    def __init__(self, settings: TelegramSettings, host: Host, late: LateFiles) -> None:
        self._settings = settings
        self._host = host
        self._late = late

    def verify(self, payload: Payload) -> None:
        given = payload.headers.get(SECRET_HEADER.lower(), "")
        if not hmac.compare_digest(given.encode(), _secret(self._settings).encode()):
            raise UnverifiedSourceError("the secret token is not the one that setWebhook agreed on")

    async def read(self, payload: Payload) -> Draft | None:
        incoming = parse_update(payload.body, bot=self._settings.bot, name=self._host.message_id, arrived_at=payload.at)
        if isinstance(incoming, Ignored):
            UPDATES_IGNORED.labels("telegram", incoming.kind).inc()
            return None
        return await self._late.complete(incoming)

    def salvage(self, payload: Payload) -> Draft:
        return salvage_update(payload.body, bot=self._settings.bot, name=self._host.message_id, arrived_at=payload.at)

    def senders(self, payload: Payload) -> Iterable[Identifier]:
        return senders_of(payload.body)

    def accepted(self, draft: Draft) -> None:
        self._late.follow(draft)


@asynccontextmanager
async def open_updates(settings: TelegramSettings, host: Host) -> AsyncIterator[TelegramUpdates]:
    """Open what fetches files, and go on fetching late ones."""
    async with httpx.AsyncClient(base_url=str(settings.telegram_api_url), timeout=FILE_TIMEOUT_S) as api:
        files = TelegramFiles(api, settings.telegram_token.get_secret_value())
        late = LateFiles(files, host.accept, patience=settings.telegram_file_patience, clock=host.clock)
        async with in_background(late.run(), "late-files"):
            yield TelegramUpdates(settings, host, late)


def sign_update(settings: TelegramSettings, _payload: Payload) -> Mapping[str, str]:
    """Return the headers with which Telegram posts an update: the secret is the same for each."""
    return {SECRET_HEADER: _secret(settings), "Content-Type": "application/json"}


def _secret(settings: TelegramSettings) -> str:
    return settings.telegram_webhook_secret.get_secret_value()


UPDATES: Final = Webhook(
    TELEGRAM_UPDATES,
    open=open_updates,
    public_url=lambda settings: settings.telegram_public_url,
    sign=sign_update,
    proof=(SECRET_HEADER,),
    proven_by="headers",
)
