import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from guichet.channel.addresses import TELEGRAM_UPDATES
from guichet.channel.draft import Draft
from guichet.channel.web import webhook_app
from guichet.clock import SystemClock
from guichet.contracts.topics import INBOUND_SOCIAL
from guichet_telegram.fetch_files import TelegramFiles
from guichet_telegram.late_files import LateFiles
from guichet_telegram.read.update import Ignored, IncomingTelegram, parse_update, salvage_update
from guichet_telegram.webhook import MOST_BYTES, SECRET_HEADER, telegram_routes
from guichet_testing.conformance.signed import SignedConformance
from guichet_testing.conformance.sources import OpenSource, Source, web_source
from guichet_testing.conformance.world import KEY, World

TOKEN, SECRET = "7000000001:a-token-of-the-sandbox", "what-setWebhook-agreed-on"


class TestTelegram(SignedConformance):
    """Telegram's webhook keeps every promise. Its secret is the same for every update, and says nothing of addresses."""

    topic = INBOUND_SOCIAL
    personal = ("Perrine", "Vauquelin", "5550042", TOKEN, "certificat.pdf")

    def open(self, world: World) -> OpenSource:
        return self._open(world)

    @asynccontextmanager
    async def _open(self, world: World) -> AsyncIterator[Source]:
        def parse(body: bytes, received_at: datetime) -> IncomingTelegram | Ignored:
            return parse_update(body, bot="7000000001", key=KEY, received_at=received_at)

        def salvage(body: bytes, received_at: datetime) -> Draft:
            return salvage_update(body, bot="7000000001", key=KEY, received_at=received_at)

        transport = httpx.MockTransport(self._api)
        async with httpx.AsyncClient(base_url="https://api.telegram.example", transport=transport) as api:
            web = webhook_app("social")
            late = LateFiles(
                TelegramFiles(api, TOKEN),
                partial(world.edge.accept, INBOUND_SOCIAL),
                patience=timedelta(hours=1),
                clock=SystemClock(),
            )
            web.include_router(
                telegram_routes(
                    edge=world.edge,
                    secret=SECRET,
                    parse=parse,
                    salvage=salvage,
                    complete=late.complete,
                    follow=late.follow,
                    now=world.now,
                )
            )
            async with web_source(
                web, TELEGRAM_UPDATES, sign=lambda _: {SECRET_HEADER: SECRET}, proof_header=SECRET_HEADER
            ) as source:
                yield source

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
        return bytes(MOST_BYTES + 1)
