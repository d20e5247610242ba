import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from guichet.channel.host.webhooks import webhook_routes
from guichet.channel.payload import Payload
from guichet.channel.web import webhook_app
from guichet.contracts.topics import INBOUND_SOCIAL
from guichet_telegram.channel import TELEGRAM
from guichet_telegram.fetch_files import TelegramFiles
from guichet_telegram.late_files import LateFiles
from guichet_telegram.settings import TelegramSettings
from guichet_telegram.webhook import SECRET_HEADER, UPDATES, TelegramUpdates
from guichet_testing.conformance.signed import SignedConformance
from guichet_testing.conformance.sources import OpenSource, Source, web_source
from guichet_testing.conformance.world import World

TOKEN = "7000000001:a-token-of-the-sandbox"
SETTINGS = TelegramSettings.model_validate(
    {
        "telegram_token": TOKEN,
        "telegram_webhook_secret": "what-setWebhook-agreed-on",
        "telegram_public_url": "https://social.mairie.example",
    }
)


class TestTelegram(SignedConformance):
    """Telegram's webhook keeps every promise. Its secret is the same for every update, and says nothing of addresses."""

    topic = INBOUND_SOCIAL
    personal = ("Perrine", "Vauquelin", "5550042", TOKEN, "certificat.pdf")

    def open(self, world: World) -> OpenSource:
        return self._open(world)

    @asynccontextmanager
    async def _open(self, world: World) -> AsyncIterator[Source]:
        host, transport = world.lend("telegram", INBOUND_SOCIAL), httpx.MockTransport(self._api)
        async with httpx.AsyncClient(base_url="https://api.telegram.example", transport=transport) as api:
            late = LateFiles(TelegramFiles(api, TOKEN), host.accept, patience=timedelta(hours=1), clock=host.clock)
            updates = TelegramUpdates(SETTINGS, host, late)
            provider = replace(TELEGRAM, inbound=(replace(UPDATES, open=lambda *_: nullcontext(updates)),))
            web = webhook_app("social")
            async with webhook_routes(provider, SETTINGS, host) as routes:
                web.include_router(routes)
                async with web_source(web, UPDATES.path, sign=self._sign, proof_header=SECRET_HEADER) as source:
                    yield source

    def _sign(self, body: bytes) -> Mapping[str, str]:
        return UPDATES.sign(SETTINGS, Payload(body, datetime.now(UTC), target=UPDATES.path))

    def _api(self, request: httpx.Request) -> httpx.Response:
        assert TOKEN in request.url.path
        if request.url.path.endswith("/getFile"):
            file_id = request.url.params["file_id"]
            return httpx.Response(
                200, json={"ok": True, "result": {"file_id": file_id, "file_path": f"documents/{file_id}"}}
            )
        return httpx.Response(200, content=bytes.fromhex(request.url.path.rpartition("/")[2]))

    def payload(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        message: dict[str, Any] = {
            "message_id": int(provider_id) if provider_id else None,
            "date": 1772443800,
            "chat": {"id": 5550042, "type": "private", "first_name": "Perrine", "last_name": "Vauquelin"},
            "from": {"id": 5550042, "is_bot": False, "first_name": "Perrine", "last_name": "Vauquelin"},
        }
        if not files:
            message["text"] = text
        for content in files:
            message["caption"] = text
            message["document"] = {
                "file_id": content.hex(),
                "file_unique_id": "u",
                "file_name": "certificat.pdf",
                "mime_type": "application/pdf",
            }
        return json.dumps({"update_id": 900_000 + int(provider_id or 0), "message": message}).encode()

    def unreadable(self) -> bytes:
        return b'{"update_id": 1, "message": {"text": "Perrine"}}'

    def oversize(self) -> bytes:
        return bytes(UPDATES.most_bytes + 1)
