"""What the test API takes for a chat."""

from typing import Any

from pydantic import Field

from citizen_sandbox.play.wishes import FileWish, Wish
from guichet_telegram.tile.updates import Location


class TelegramWish(Wish):
    """A Telegram message of a citizen, or of anybody by `writer_id`; `update` sends any JSON instead."""

    citizen: str = ""
    writer_id: int = 0
    writer_name: str = "Inconnu"
    text: str = ""
    files: list[FileWish] = Field(default_factory=list)
    location: Location | None = None
    edits: int | None = None
    update: dict[str, Any] | None = None


class ChatsWish(Wish):
    """Chats that the bot may write to, because their owners wrote to it by another way than this API."""

    ids: list[int]
