"""All that Guichet asks of a channel, asked of Telegram: guichet_testing.conformance."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from guichet_telegram.channel import CHANNEL
from guichet_testing.conformance import Payloads, ProviderApi, Reply, Request, channel_suite

TOKEN = "7000000001:a-token-of-the-sandbox"
CHAT = 5550042
NAMES = {"first_name": "Perrine", "last_name": "Vauquelin"}


SET = {
    "GUICHET_TELEGRAM_TOKEN": TOKEN,
    "GUICHET_TELEGRAM_WEBHOOK_SECRET": "what-setWebhook-agreed-on",
    "GUICHET_TELEGRAM_PUBLIC_URL": "https://social.mairie.example",
}


def refused(status: int, description: str, **parameters: int) -> Reply:
    """Return how the Bot API says no (core.telegram.org/bots/api#making-requests)."""
    said = {"ok": False, "error_code": status, "description": description}
    return Reply(status, {**said, "parameters": parameters} if parameters else said)


def taken(result: Any) -> Reply:
    return Reply(200, {"ok": True, "result": result})


REFUSALS = {
    "blocked": refused(403, "Forbidden: bot was blocked by the user"),
    "unknown-chat": refused(400, "Bad Request: chat not found"),
    "too-long": refused(400, "Bad Request: message is too long"),
}


class Api(ProviderApi):
    """Telegram's answers."""

    variable = "GUICHET_TELEGRAM_API_URL"
    accepted = taken({"message_id": 1, "date": 1772443800, "chat": {"id": 710000101, "type": "private"}, "text": "x"})
    throttled = refused(429, "Too Many Requests: retry after 7", retry_after=7)
    broken = refused(500, "Internal Server Error")
    denied = refused(401, "Unauthorized")
    unknown_refusal = refused(400, "Bad Request: something new")
    tells_id = False  # by the number of a message in a chat nothing can be asked, and nothing is reported
    refusals = REFUSALS


class TelegramPayloads(Payloads):
    """Telegram's updates (core.telegram.org/bots/api#update)."""

    environment = SET
    address = str(CHAT)
    personal = ("Perrine", "Vauquelin", str(CHAT), TOKEN, "certificat.pdf")
    captures = Path(__file__).with_name("fixtures")
    api = Api()

    def message(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        content: dict[str, Any] = {} if files else {"text": text}
        for file in files:
            content["caption"] = text
            content["document"] = {
                "file_id": file.hex(),
                "file_unique_id": "u",
                "file_name": "certificat.pdf",
                "mime_type": "application/pdf",
            }
        return _update("message", provider_id, int(provider_id) if provider_id else None, content)

    def edit(self, text: str, *, provider_id: str, edits: str) -> bytes:
        return _update("edited_message", provider_id, int(edits), {"text": text, "edit_date": 1772443900})

    def unreadable(self) -> bytes:
        return json.dumps({"update_id": 1, "message": {"from": {"id": CHAT, **NAMES}, "text": "Perrine"}}).encode()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Mapping[str, str]]:
        async with self.api.serving(_file) as wire:
            yield self.api.environment(wire.address)


def _update(kind: str, update_id: str, message_id: int | None, content: Mapping[str, Any]) -> bytes:
    message = {
        "message_id": message_id,
        "date": 1772443800,
        "chat": {"id": CHAT, "type": "private", **NAMES},
        "from": {"id": CHAT, "is_bot": False, **NAMES},
        **content,
    }
    return json.dumps({"update_id": 900_000 + int(update_id or 0), kind: message}).encode()


def _file(request: Request) -> Reply:
    """Return where a file lies, then the file: what its id spells, where that is hexadecimal."""
    assert TOKEN in request.path
    if "/getFile" in request.path:
        [file_id] = parse_qs(urlsplit(request.path).query)["file_id"]
        return taken({"file_id": file_id, "file_path": f"documents/{file_id}"})
    try:
        return Reply(200, bytes.fromhex(request.path.rpartition("/")[2]))
    except ValueError:
        return Reply(200, b"a file of a capture")


TestTelegram = channel_suite(CHANNEL, TelegramPayloads())
