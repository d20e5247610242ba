"""The methods of Telegram's Bot API that a town uses. Source: core.telegram.org/bots/api#available-methods."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from citizen_sandbox.play.clock import now
from citizen_sandbox.play.entry import Attachment, Direction, Entry
from citizen_sandbox.play.journal import Journal
from guichet_telegram.tile.bot import TelegramBot, Webhook
from guichet_telegram.tile.errors import bad_request
from guichet_telegram.tile.updates import file_content, folder_of

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024


@dataclass(frozen=True)
class Call:
    """A method's parameters as they came. fields: texts, JSON where Telegram says so; files: uploads."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Attachment] = field(default_factory=dict)


Method = Callable[[Call], Awaitable[Any]]


class TelegramMethods:
    """Each method takes a call and returns Telegram's `result`. Raises TelegramError."""

    def __init__(self, bot: TelegramBot, journal: Journal) -> None:
        self._bot = bot
        self._journal = journal
        self.by_name: dict[str, Method] = {  # Telegram does not mind the case of a method's name
            "getme": self.get_me,
            "setwebhook": self.set_webhook,
            "getwebhookinfo": self.get_webhook_info,
            "deletewebhook": self.delete_webhook,
            "sendmessage": self.send_message,
            "senddocument": self.send_document,
            "sendphoto": self.send_photo,
            "getfile": self.get_file,
        }

    async def note_lost(self, message: dict[str, Any]) -> None:
        """Write down that the bot will not hear of this message of its own."""
        await self._journal.note_lost("telegram", str(message["message_id"]))

    async def get_me(self, _call: Call) -> dict[str, Any]:
        """Say who the bot is."""
        flags = {"can_join_groups": False, "can_read_all_group_messages": False}
        return self._bot.user | flags | {"supports_inline_queries": False}

    async def set_webhook(self, call: Call) -> bool:
        """Remember where updates go. The real one insists on https; here http will do."""
        self._bot.webhook = Webhook(call.fields.get("url", ""), call.fields.get("secret_token", ""))
        return True

    async def get_webhook_info(self, _call: Call) -> dict[str, Any]:
        """Say where updates go and how that fares."""
        return self._bot.webhook.to_json(self._bot.pending)

    async def delete_webhook(self, _call: Call) -> bool:
        """Send no more updates until a webhook is set again."""
        self._bot.webhook = Webhook("", "")
        return True

    async def send_message(self, call: Call) -> dict[str, Any]:
        """Show a text in the citizen's chat."""
        text = call.fields.get("text", "")
        if not text.strip():
            raise bad_request("message text is empty")
        if len(text) > LONGEST_TEXT:
            raise bad_request("message is too long")
        return await self._show(call, {"text": text}, text, [])

    async def send_document(self, call: Call) -> dict[str, Any]:
        """Show a file in the citizen's chat."""
        return await self._send_file(call, "document")

    async def send_photo(self, call: Call) -> dict[str, Any]:
        """Show a picture in the citizen's chat."""
        return await self._send_file(call, "photo")

    async def get_file(self, call: Call) -> dict[str, Any]:
        """Say where a file can be downloaded."""
        stored = self._bot.file(call.fields.get("file_id", ""))
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return stored.to_json()

    async def _send_file(self, call: Call, kind: str) -> dict[str, Any]:
        file, caption = self._uploaded(call, kind), call.fields.get("caption", "")
        if len(caption) > LONGEST_CAPTION:
            raise bad_request("message caption is too long")
        stored = self._bot.store(file, folder_of(file.media_type))
        return await self._show(call, file_content(stored, caption), caption, [file])

    def _uploaded(self, call: Call, kind: str) -> Attachment:
        """Return the file: uploaded under its own name, attached under another, or known by its id."""
        given = call.fields.get(kind, "")
        uploaded = call.files.get(given.removeprefix("attach://") or kind)
        if uploaded is not None:
            return uploaded
        known = self._bot.file(given)
        if known is None:
            raise bad_request(f"there is no {kind} in the request")
        return known.file

    async def _show(self, call: Call, content: dict[str, Any], text: str, files: list[Attachment]) -> dict[str, Any]:
        chat_id = self._chat(call)
        number = self._bot.next_number()
        await self._journal.add(
            Entry(
                channel="telegram",
                direction=Direction.RECEIVED,
                address=str(chat_id),
                counterpart=self._bot.user["username"],
                text=text,
                attachments=files,
                provider_id=str(number),
                headers=_markup(call),
            )
        )
        chat = {"id": chat_id, "type": "private"}
        return {"message_id": number, "from": self._bot.user, "chat": chat, "date": int(now().timestamp())} | content

    def _chat(self, call: Call) -> int:
        given = call.fields.get("chat_id", "")
        if not given:
            raise bad_request("chat_id is empty")
        if not given.lstrip("-").isdigit() or int(given) not in self._bot.chats:
            raise bad_request("chat not found")
        return int(given)


def _markup(call: Call) -> list[tuple[str, str]]:
    """Keep how the town wants its text read, for tests to look at."""
    names = ("parse_mode", "reply_markup", "reply_parameters", "entities")
    return [(name, call.fields[name]) for name in names if name in call.fields]


def fields_of_json(body: bytes) -> dict[str, str]:
    """Read a call made in JSON. Texts stay texts, everything else is JSON again, as in a form."""
    read = json.loads(body)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in read.items()}
