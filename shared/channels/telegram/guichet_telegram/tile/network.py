"""The citizens' side of the fake Telegram: what they write becomes updates for the town's webhook."""

from typing import Any

from pydantic import BaseModel

from citizen_sandbox.play.clock import now
from citizen_sandbox.play.courier import Verdict
from citizen_sandbox.play.door import Door
from citizen_sandbox.play.entry import Attachment, Direction, Entry, State
from citizen_sandbox.play.tile import Kit
from guichet_telegram.tile import updates
from guichet_telegram.tile.bot import TelegramBot
from guichet_telegram.tile.troubles import Trouble
from guichet_telegram.tile.updates import Location, Writer

WEBHOOK_TIMEOUT = 30.0  # seconds


class Chat(BaseModel):
    """What a citizen writes: a text, files (several make an album, the text its caption), a place.

    edits: the message_id of an earlier message that this one corrects.
    """

    text: str = ""
    files: list[Attachment] = []
    location: Location | None = None
    edits: int | None = None


class TelegramNetwork:
    """Sends updates and, like Telegram, sends each again until the town answers 2xx."""

    def __init__(
        self,
        *,
        bot: TelegramBot,
        kit: Kit,
        door: Door,
    ) -> None:
        self._bot = bot
        self._door = door
        self._courier = kit.courier
        self._misbehaviour = kit.misbehaviour

    async def send(self, writer: Writer, chat: Chat) -> list[Entry]:
        """Let a citizen write. Returns one entry for each update: an album is several."""
        self._bot.chats.add(writer.id)
        contents = self._contents(chat)
        album = {"media_group_id": str(self._bot.next_number())} if len(contents) > 1 else {}
        return [await self._send_message(writer, chat, content | album) for content in contents]

    async def send_update(self, update: dict[str, Any], entry: Entry) -> Entry:
        """Send any update, of Telegram's making or not. entry: how the citizen sees it."""
        self._bot.pending += 1

        async def attempt() -> Verdict:
            verdict = await self._post(entry, update)
            if self._misbehaviour.strikes(Trouble.DOUBLED_WEBHOOK):
                await self._post(entry, update)
            self._remember(verdict)
            return verdict

        return await self._courier.carry(entry, attempt, in_order=f"telegram {entry.address}")

    async def _send_message(self, writer: Writer, chat: Chat, content: dict[str, Any]) -> Entry:
        number = chat.edits or self._bot.next_number()
        stamped = int(now().timestamp())
        message = updates.message(writer, number, stamped, content)
        kind = "edited_message" if chat.edits else "message"
        if chat.edits:
            message["edit_date"] = stamped
        entry = Entry(
            channel="telegram",
            direction=Direction.SENT,
            address=str(writer.id),
            counterpart=self._bot.user["username"],
            text=content.get("text") or content.get("caption", ""),
            attachments=self._shown_files(content),
            provider_id=str(number),
            is_edit=bool(chat.edits),
        )
        return await self.send_update({"update_id": self._bot.next_number(), kind: message}, entry)

    def _contents(self, chat: Chat) -> list[dict[str, Any]]:
        if chat.location:
            return [{"location": chat.location.model_dump()}]
        if not chat.files:
            return [updates.text_content(chat.text)]
        captions = [chat.text] + [""] * (len(chat.files) - 1)  # Telegram shows an album's first caption
        return [
            updates.file_content(self._bot.store(file, updates.folder_of(file.media_type)), caption)
            for file, caption in zip(chat.files, captions, strict=True)
        ]

    def _shown_files(self, content: dict[str, Any]) -> list[Attachment]:
        described = [*content.get("photo", []), content.get("document"), content.get("voice")]
        stored = [self._bot.file(file["file_id"]) for file in described if file]
        return [kept.file for kept in stored if kept]

    async def _post(self, entry: Entry, update: dict[str, Any]) -> Verdict:
        webhook = self._bot.webhook
        if not webhook.url:
            return Verdict(State.WAITING, "no webhook set")
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        return await self._door.post(
            entry, webhook.url, otherwise=State.WAITING, timeout=WEBHOOK_TIMEOUT, json=update, headers=headers
        )

    def _remember(self, verdict: Verdict) -> None:
        webhook = self._bot.webhook
        if verdict.state is State.ACCEPTED:
            self._bot.pending -= 1
        else:
            webhook.last_error = f"Wrong response from the webhook: {verdict.answer}"
            webhook.last_error_at = int(now().timestamp())
